"""Template helpers about the rules."""

from __future__ import annotations

from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.rules import records
from ckanext.nd47.rules.records import field_label
from ckanext.nd47.rules.report import SHOWN_LEVELS, FindingDict, examine

__all__ = ["nd47_rule_results"]

DRAFT = "draft"


class RuleResult(FindingDict):
    """A finding as a page shows it: with the label of its field and why the rule applies."""

    label: str
    because: str


def nd47_rule_results(dataset: dataset_reader.Dataset) -> list[RuleResult]:
    """Return the rules that a dataset does not meet, errors first.

    Args:
        dataset: a dataset as `package_show` returns it, or the data of a form.
    """
    lang = http.language()
    # The licence in a form may differ from the stored one.
    current = {**dataset, "isopen": records.is_open(dataset.get("license_id"))}
    if str(dataset.get("state") or "").startswith(DRAFT):
        # As when it is published; the advice would otherwise leave out what is asked for then.
        records.assume_open(current)
    findings = [finding for finding in examine(current) if finding.met is False]
    findings.sort(key=lambda finding: SHOWN_LEVELS.index(finding.level))
    return [
        {
            **finding.as_dict(lang),
            "label": field_label(current, finding.field, lang),
            "because": finding.because(lang),
        }
        for finding in findings
    ]
