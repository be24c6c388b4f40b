"""Runs the checks. A check that fails becomes a finding; the others still run."""

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
from ckanext.nd47.doctor.check import Check, Needs, Result, report
from ckanext.nd47.doctor.checks import CHECKS
from ckanext.nd47.doctor.finding import Finding, FindingDict, Severity, worded
from ckanext.nd47.doctor.portal import Portal

ORDER = list(Severity)
BEFORE_THE_START = (Needs.CONFIGURATION, Needs.SERVICES, Needs.DATABASE, Needs.WORKERS)


class DiagnosisDict(TypedDict):
    """A diagnosis as JSON."""

    suite: str
    ckan: str
    sound: bool
    started: bool
    checks: int
    skipped: list[str]
    findings: list[FindingDict]


@dataclass
class Diagnosis:
    """The results of the checks.

    Attributes:
        findings: the findings, errors first.
        done: names of the checks that ran.
        skipped: names of the checks that could not run.
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
        """Whether there are no errors."""
        return self.readable and not any(
            finding.severity is Severity.ERROR for finding in self.findings
        )

    @property
    def exit_code(self) -> int:
        """Exit code of a command: 0 no errors, 1 errors, 2 the configuration cannot be read."""
        if not self.readable:
            return 2
        return 0 if self.sound else 1

    def as_dict(self, lang: str) -> DiagnosisDict:
        """Return the diagnosis as JSON."""
        return {
            "suite": installed("ckanext-nd47"),
            "ckan": installed("ckan"),
            "sound": self.sound,
            "started": self.started,
            "checks": len(self.done),
            "skipped": self.skipped,
            "findings": [finding.as_dict(lang) for finding in self.findings],
        }


def installed(distribution: str) -> str:
    """Return the version of an installed package, empty if it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def diagnose(
    portal: Portal, checks: Sequence[Check] = CHECKS, needs: Collection[Needs] = tuple(Needs)
) -> Diagnosis:
    """Run the checks whose requirements the portal meets.

    Args:
        portal: the portal.
        checks: the checks.
        needs: the checks to run, by their requirements.
    """
    result = Diagnosis(started=portal.started)
    for check in checks:
        if check.needs not in needs:
            continue
        if not _possible(portal, check.needs):
            result.skipped.append(check.name)
            continue
        result.done.append(check.name)
        result.findings += _run(check, portal)
    _sort(result)
    return result


def diagnose_file(file: Path, *, ask_workers: bool = False) -> Diagnosis:
    """Check a configuration file, then the services, then try to start the portal.

    Nothing is loaded for the first two, so they can explain why the third fails.
    """
    try:
        portal = portals.read(file)
    except portals.UNREADABLE as error:
        failure = report("configuration-unreadable", file=file, reason=error)
        return Diagnosis([worded(failure)], readable=False)
    portal.ask_workers = ask_workers
    result = diagnose(portal, needs=BEFORE_THE_START)
    if not portal.database_answers:
        result.skipped += [check.name for check in CHECKS if check.needs is Needs.STARTED]
        return result
    try:
        app = make_app(load_config(str(file)))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - any error that prevents the start
        result.findings.append(worded(report("portal-does-not-start", reason=_reason(error))))
        result.skipped += [check.name for check in CHECKS if check.needs is Needs.STARTED]
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


def _run(check: Check, portal: Portal) -> list[Finding]:
    """Return the findings of a check, also those before it failed."""
    findings: list[Finding] = []
    try:
        for finding in check.look(portal):
            findings.append(worded(finding))  # noqa: PERF401 - findings before a failure remain
    except Exception as error:  # noqa: BLE001 - a failing check must not hide other findings
        if portal.started:
            model.Session.rollback()
        findings.append(worded(_failure(check, error)))
    return findings


def _failure(check: Check, error: Exception) -> Result:
    return report("check-failed", check=check.name, reason=_reason(error))


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _sort(result: Diagnosis) -> None:
    result.findings.sort(key=lambda finding: ORDER.index(finding.severity))
