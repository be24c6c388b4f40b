"""The diagnosis as text, for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ckanext.nd47.doctor.diagnosis import Diagnosis, installed
from ckanext.nd47.doctor.finding import interface


def as_json(result: Diagnosis, lang: str) -> str:
    """Return the diagnosis for programs."""
    return json.dumps(result.as_dict(lang), ensure_ascii=False, indent=2)


def as_text(result: Diagnosis, lang: str) -> str:
    """Return the diagnosis for people."""
    return "\n".join(_lines(result, lang))


def _lines(result: Diagnosis, lang: str) -> Iterator[str]:
    words = interface(lang)
    yield f"ckanext-nd47 {installed('ckanext-nd47')}, CKAN {installed('ckan')}"
    for one in result.findings:
        certainty = words["sure"] if one.sure else words["suspected"]
        yield ""
        yield f"[{words[one.severity.value]}, {certainty}] {one.id}"
        yield f"  {one.what(lang)}"
        yield f"  {one.why(lang)}"
        for line in one.remedy_in(lang).splitlines():
            yield f"    {line}"
    yield ""
    yield words["summary"].format(
        errors=sum(one.severity.value == "error" for one in result.findings),
        all=len(result.findings),
        checks=len(result.done),
    )
    if result.skipped:
        yield words["skipped"].format(names=", ".join(result.skipped))
