"""Runs the checks. One that fails becomes a finding and harms no other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypedDict

from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app

from ckanext.nd47.doctor import portal as portals
from ckanext.nd47.doctor.check import Check, Found, Needs, found
from ckanext.nd47.doctor.checks import CHECKS
from ckanext.nd47.doctor.finding import Finding, FindingDict, Severity, worded
from ckanext.nd47.doctor.portal import Portal

ORDER = list(Severity)
BEFORE_THE_START = (Needs.CONFIGURATION, Needs.SERVICES, Needs.DATABASE, Needs.WORKERS)


class DiagnosisDict(TypedDict):
    """A diagnosis as programs read it."""

    suite: str
    ckan: str
    sound: bool
    started: bool
    checks: int
    skipped: list[str]
    findings: list[FindingDict]


@dataclass
class Diagnosis:
    """What the checks found.

    Attributes:
        findings: what was found, the worst first.
        done: names of the checks that looked.
        skipped: names of those that could not.
        started: whether the portal has started.
        readable: whether the configuration could be read.
    """

    findings: list[Finding] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    started: bool = False
    readable: bool = True

    @property
    def sound(self) -> bool:
        """Whether nothing must be mended."""
        return self.readable and not any(one.severity is Severity.ERROR for one in self.findings)

    @property
    def exit_code(self) -> int:
        """What a command returns: 0 sound, 1 something must be mended, 2 nothing could be seen."""
        if not self.readable:
            return 2
        return 0 if self.sound else 1

    def as_dict(self, lang: str) -> DiagnosisDict:
        """Return the diagnosis as programs read it."""
        return {
            "suite": installed("ckanext-nd47"),
            "ckan": installed("ckan"),
            "sound": self.sound,
            "started": self.started,
            "checks": len(self.done),
            "skipped": self.skipped,
            "findings": [one.as_dict(lang) for one in self.findings],
        }


def installed(distribution: str) -> str:
    """Return the version of what is installed, nothing where it is not."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def diagnose(
    portal: Portal, checks: Sequence[Check] = CHECKS, needs: Collection[Needs] = tuple(Needs)
) -> Diagnosis:
    """Run the checks that the portal allows.

    Args:
        portal: what they look at.
        checks: the checks.
        needs: which checks are wanted, by what they need.
    """
    result = Diagnosis(started=portal.started)
    for check in checks:
        if check.needs not in needs:
            continue
        if not _possible(portal, check.needs):
            result.skipped.append(check.name)
            continue
        result.done.append(check.name)
        result.findings += _looked(check, portal)
    _sort(result)
    return result


def diagnose_file(file: Path, *, ask_workers: bool = False) -> Diagnosis:
    """Look at a configuration file, then at the services, then try to start the portal.

    Nothing is loaded for the first two, so they tell why the third fails.
    """
    try:
        portal = portals.read(file)
    except portals.UNREADABLE as error:
        failure = found("configuration-unreadable", file=file, reason=error)
        return Diagnosis([worded(failure)], readable=False)
    portal.ask_workers = ask_workers
    result = diagnose(portal, needs=BEFORE_THE_START)
    if not portal.database_answers:
        result.skipped += [one.name for one in CHECKS if one.needs is Needs.STARTED]
        return result
    try:
        app = make_app(load_config(str(file)))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever keeps it from starting
        result.findings.append(worded(found("portal-does-not-start", reason=_reason(error))))
        result.skipped += [one.name for one in CHECKS if one.needs is Needs.STARTED]
        _sort(result)
        return result
    flask_app: Any = getattr(app, "_wsgi_app")  # noqa: B009 - as CKAN's own commands do
    with flask_app.test_request_context():
        inside = diagnose(portals.running(), needs=(Needs.STARTED,))
    result.started = True
    result.findings += inside.findings
    result.done += inside.done
    _sort(result)
    return result


def _possible(portal: Portal, needs: Needs) -> bool:
    if needs is Needs.DATABASE:
        return portal.database_answers
    if needs is Needs.STARTED:
        return portal.started
    if needs is Needs.WORKERS:
        return portal.ask_workers and portal.redis_answers
    return True


def _looked(check: Check, portal: Portal) -> list[Finding]:
    """Return what a check finds; what it found before it failed is not lost."""
    findings: list[Finding] = []
    try:
        for one in check.look(portal):
            findings.append(worded(one))  # noqa: PERF401 - those before a failure are wanted
    except Exception as error:  # noqa: BLE001 - a check that fails must not hide what others find
        if portal.started:
            model.Session.rollback()
        findings.append(worded(_failure(check, error)))
    return findings


def _failure(check: Check, error: Exception) -> Found:
    return found("check-failed", check=check.name, reason=_reason(error))


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _sort(result: Diagnosis) -> None:
    result.findings.sort(key=lambda one: ORDER.index(one.severity))
