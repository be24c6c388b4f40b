"""The diagnosis as text, for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ckanext.nd47.doctor.diagnosis import Diagnosis, installed
from ckanext.nd47.doctor.finding import interface


def as_json(result: Diagnosis, lang: str) -> str:
    """Return the diagnosis as JSON text."""
    return json.dumps(result.as_dict(lang), ensure_ascii=False, indent=2)


def as_text(result: Diagnosis, lang: str) -> str:
    """Return the diagnosis as plain text."""
    return "\n".join(_lines(result, lang))


def _lines(result: Diagnosis, lang: str) -> Iterator[str]:
    words = interface(lang)
    yield f"ckanext-nd47 {installed('ckanext-nd47')}, CKAN {installed('ckan')}"
    for finding in result.findings:
        certainty = words["sure"] if finding.sure else words["suspected"]
        yield ""
        yield f"[{words[finding.severity.value]}, {certainty}] {finding.id}"
        yield f"  {finding.what(lang)}"
        yield f"  {finding.why(lang)}"
        for line in finding.remedy_in(lang).splitlines():
            yield f"    {line}"
    yield ""
    yield words["summary"].format(
        errors=sum(finding.severity.value == "error" for finding in result.findings),
        all=len(result.findings),
        checks=len(result.done),
    )
    if result.skipped:
        yield words["skipped"].format(names=", ".join(result.skipped))
