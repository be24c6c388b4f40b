"""Every finding has its words, in both languages, and is documented."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from string import Formatter

import pytest

from ckanext.nd47 import doctor
from ckanext.nd47.doctor.check import Check, Result, report
from ckanext.nd47.doctor.checks import CHECKS, GENERAL
from ckanext.nd47.doctor.diagnosis import diagnose
from ckanext.nd47.doctor.finding import (
    FILLED_IN,
    LANGUAGES,
    Severity,
    catalogue,
    filled_in,
    interface,
    worded,
)
from ckanext.nd47.doctor.portal import Portal
from ckanext.nd47.doctor.report import as_json, as_text
from dev.docs import doctor as page
from tests.browser.english import is_english

DOCUMENT = Path(__file__).parents[2] / "docs" / "doctor.md"
FOLDER = Path(next(iter(doctor.__path__)))
NOBODY = Portal(None, {}, {}, {})


def calls() -> list[tuple[str, set[str], bool]]:
    """Return what the code can find: id, names of the facts, whether there are others."""
    listed = []
    for path in sorted(FOLDER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "report"
                and node.args
            ):
                first = node.args[0]
                names = {keyword.arg for keyword in node.keywords if keyword.arg}
                more = any(one.arg is None for one in node.keywords)
                if isinstance(first, ast.Constant):
                    listed.append((str(first.value), names, more))
    return listed


def places(finding_id: str) -> set[str]:
    words = catalogue()[finding_id]
    texts = [*words["what"].values(), *words["why"].values(), words["remedy"]]
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def test_every_finding_of_a_check_has_words_and_the_other_way_round():
    finds = [one for check in CHECKS for one in check.finds]
    assert Counter([*finds, *GENERAL]) == Counter(catalogue().keys())


def test_every_finding_in_the_code_is_announced_by_its_check():
    announced = {one for check in CHECKS for one in check.finds} | set(GENERAL)
    assert {one for one, _, _ in calls()} <= announced


def test_the_words_use_facts_that_there_are():
    found = calls()
    assert len({finding_id for finding_id, _, _ in found}) > len(catalogue()) / 2
    unknown = {
        finding_id: missing
        for finding_id, names, more in found
        if (missing := places(finding_id) - names - ({"plugin", "line"} if more else set()))
    }
    assert unknown == {}


def test_the_words_are_whole():
    for finding_id, words in catalogue().items():
        assert words["what"].keys() == words["why"].keys() == set(LANGUAGES), finding_id
        texts = (*words["what"].values(), *words["why"].values(), words["remedy"])
        assert all(text.strip() for text in texts), finding_id
        assert words["severity"] in {one.value for one in Severity}, finding_id
        assert isinstance(words["sure"], bool), finding_id


def test_the_vietnamese_words_are_no_english():
    assert [
        finding_id
        for finding_id, words in catalogue().items()
        if is_english(words["what"]["vi"]) or is_english(words["why"]["vi"])
    ] == []


def test_what_is_filled_in_has_words_in_both_languages_and_the_other_way_round():
    remedies = [words["remedy"] for words in catalogue().values()]
    places = {place for remedy in remedies for place in FILLED_IN.findall(remedy)}
    assert places == set(filled_in())
    for words in filled_in().values():
        assert words.keys() == set(LANGUAGES)
        assert not is_english(words["vi"])


def test_the_page_and_the_report_say_in_vietnamese_what_is_filled_in():
    result = diagnose(NOBODY, [])
    result.findings = [worded(report("agency-code-unset"))]
    assert result.findings[0].as_dict("vi")["remedy"].endswith("= <mã định danh cơ quan>")
    assert result.findings[0].as_dict("en")["remedy"].endswith("= <agency code>")
    assert "<mã định danh cơ quan>" in as_text(result, "vi")


def test_a_fact_in_angle_brackets_is_left_as_it_is():
    one = worded(report("folder-missing", option="x", value="<file>"))
    assert one.remedy_in("vi") == "ls -ld <file>"


def test_the_words_of_the_page_are_in_both_languages():
    assert interface("vi").keys() == interface("en").keys()
    assert interface("vi") != interface("en")


def test_both_languages_have_the_same_facts():
    for finding_id, words in catalogue().items():
        sets = [
            {name for _, name, _, _ in Formatter().parse(words["what"][lang]) if name}
            for lang in LANGUAGES
        ]
        assert sets[0] == sets[1], finding_id


def test_a_check_that_fails_becomes_a_finding_and_harms_no_other():
    def before(portal: Portal):
        yield report("debug-on")

    def broken(portal: Portal):
        yield report("secret-weak")
        msg = "postgresql://ten:bi-mat@may"
        raise RuntimeError(msg)

    def after(portal: Portal):
        yield report("storage-unset")

    checks = [Check(one, ()) for one in (before, broken, after)]
    result = diagnose(NOBODY, checks)
    assert sorted(one.id for one in result.findings) == [
        "check-failed",
        "debug-on",
        "secret-weak",
        "storage-unset",
    ]
    (failed,) = [finding for finding in result.findings if finding.id == "check-failed"]
    assert "broken" in failed.what("en")
    assert "bi-mat" not in failed.what("en")


def test_a_finding_without_words_is_a_failed_check():
    def strange(portal: Portal):
        yield Result("khong-co")

    assert [finding.id for finding in diagnose(NOBODY, [Check(strange, ())]).findings] == [
        "check-failed"
    ]


def test_the_worst_comes_first():
    def look(portal: Portal):
        yield report("place-unset")
        yield report("storage-unset")
        yield report("debug-on")

    result = diagnose(NOBODY, [Check(look, ())])
    assert [finding.severity.value for finding in result.findings] == ["error", "warning", "advice"]
    assert (result.sound, result.exit_code) == (False, 1)


def test_advice_and_warnings_leave_a_portal_sound():
    def look(portal: Portal):
        yield report("place-unset")
        yield report("storage-unset")

    assert diagnose(NOBODY, [Check(look, ())]).exit_code == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_report_says_what_why_and_how(lang: str):
    one = worded(report("site-url-http", value="http://a.example", line="https://a.example"))
    result = diagnose(NOBODY, [])
    result.findings = [one]
    text = as_text(result, lang)
    assert all(
        part in text for part in (one.id, one.what(lang), one.why(lang), one.remedy_in(lang))
    )
    assert one.what(lang) in as_json(result, lang)


def test_braces_in_a_value_do_no_harm():
    one = worded(report("site-url-missing", value="{0}{khong_co}"))
    assert "{0}{khong_co}" in one.what("vi")


def test_the_document_is_what_the_command_writes():
    """If not: make docs."""
    assert DOCUMENT.read_text(encoding="utf-8") == page.markdown()


def test_every_finding_is_documented_in_both_languages():
    document = DOCUMENT.read_text(encoding="utf-8")
    rows = {finding_id: document.count(f"| `{finding_id}` |") for finding_id in catalogue()}
    assert rows == dict.fromkeys(catalogue(), len(LANGUAGES))
