"""The rules as data: complete, consistent with the vocabularies, and refused where broken."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ckanext.nd47.lib.data import DataFileError, data_path
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.rules import load
from ckanext.nd47.rules.checks import FEE_FIELDS
from ckanext.nd47.rules.model import VERIFIED, Severity

from .conftest import EDITIONS

WITHOUT_DUTY = {"disclosure-consistent", "basis-in-force", "office-contact"}
"""Rules that keep a record from contradicting itself or from telling of a person what it need not,
which no row of the duties asks for."""
DUTIES = 44
DECREE_ENDED = dt.date(2025, 10, 21)
"""Last day of what Decree 194/2025/NĐ-CP had left of Decree 47/2020/NĐ-CP."""

Change = Callable[[dict[str, Any]], Any]


def schema_fields() -> tuple[dict[str, set[str]], set[str]]:
    """Return the dataset fields of our schema with their subfields, and the resource fields."""
    schema = yaml.safe_load(data_path("schemas", "dataset.yaml").read_text(encoding="utf-8"))
    dataset = {
        field["field_name"]: {sub["field_name"] for sub in field.get("repeating_subfields", [])}
        for field in schema["dataset_fields"]
    }
    return dataset, {one["field_name"] for one in schema["resource_fields"]}


class TestEditions:
    def test_both_have_rules(self) -> None:
        assert load.editions() == sorted(EDITIONS)

    @pytest.mark.parametrize("code", EDITIONS)
    def test_points_make_a_hundred(self, code: str) -> None:
        assert sum(rule.points for rule in load.edition(code).rules) == 100

    @pytest.mark.parametrize("code", EDITIONS)
    def test_every_binding_rule_rests_on_a_provision_that_was_read(self, code: str) -> None:
        for rule in load.edition(code).rules:
            if rule.severity is Severity.MUST:
                assert all(clause.status == VERIFIED for clause in rule.clauses), rule.id

    @pytest.mark.parametrize("code", EDITIONS)
    def test_every_field_is_one_of_the_schema(self, code: str) -> None:
        dataset, resource = schema_fields()
        for rule in load.edition(code).rules:
            assert set(rule.resource_fields) <= resource, rule.id
            for name in set(rule.fields) - set(FEE_FIELDS):
                field, _, subfield = name.partition(".")
                assert field in dataset, rule.id
                assert not subfield or subfield in dataset[field], rule.id

    def test_nothing_of_decree_47_is_said_to_be_in_force(self) -> None:
        for rule in load.edition("nd-47-2020").rules:
            for clause in rule.clauses:
                assert clause.until or clause.instrument == "cv-2051-2020", rule.id

    def test_the_law_in_force_cites_nothing_that_has_ended(self) -> None:
        clauses = [one for rule in load.edition("luat-20-2023").rules for one in rule.clauses]
        assert not any(clause.until for clause in clauses)

    def test_there_is_none_of_another_name(self) -> None:
        for code in ("nd-194-2025", "../rules", ""):
            with pytest.raises(KeyError):
                load.edition(code)


@pytest.mark.usefixtures("portal")
class TestVocabularies:
    @pytest.mark.parametrize("code", EDITIONS)
    def test_an_edition_is_one_of_the_vocabulary(self, code: str) -> None:
        assert vocabulary.term("legal-edition", code)

    @pytest.mark.parametrize("code", EDITIONS)
    def test_instruments_bear_the_names_of_the_vocabulary(self, code: str) -> None:
        for instrument, names in load.edition(code).instruments.items():
            term = vocabulary.term("instrument", instrument)
            assert term
            assert names["vi"] == term["short"]

    @pytest.mark.parametrize("code", EDITIONS)
    def test_no_clause_begins_before_its_instrument(self, code: str) -> None:
        first = vocabulary.get("legal-edition").by_code[code].valid_from
        for rule in load.edition(code).rules:
            for clause in rule.clauses:
                begins = vocabulary.get("instrument").by_code[clause.instrument].valid_from
                start = clause.start or first
                assert begins is None or start is None or start >= begins, rule.id


class TestReferences:
    @pytest.mark.parametrize(
        ("code", "rule", "vi", "en"),
        [
            (
                "luat-20-2023",
                "open-format",
                "khoản 2 Điều 43 Luật Giao dịch điện tử 20/2023/QH15",
                "Article 43(2) of the Law on Electronic Transactions 20/2023/QH15",
            ),
            (
                "nd-47-2020",
                "free-access",
                "điểm đ khoản 1 Điều 17 Nghị định 47/2020/NĐ-CP (hết hiệu lực từ 19/8/2025)",
                "Article 17(1)(đ) of Decree 47/2020/NĐ-CP (no longer in force since 19/8/2025)",
            ),
            (
                "luat-20-2023",
                "national-portal",
                "Điều 10 Nghị định 165/2025/NĐ-CP (theo nguồn thứ cấp, chưa đối chiếu văn bản gốc)",
                "Article 10 of Decree 165/2025/NĐ-CP "
                "(after secondary sources, not checked against the text)",
            ),
            (
                "luat-20-2023",
                "security-assessment",
                "khuyến nghị của cổng, chưa đối chiếu được quy định hiện hành",
                "advice of the portal; no provision in force was verified",
            ),
            (
                "luat-20-2023",
                "feedback-contact",
                "điểm m khoản 1 Điều 17, Điều 32 Luật Tiếp cận thông tin 104/2016/QH13; "
                "điểm b khoản 3 Điều 10 Nghị định 224/2026/NĐ-CP (có hiệu lực từ 1/7/2026)",
                "Article 17(1)(m), Article 32 of the Law on Access to Information 104/2016/QH13; "
                "Article 10(3)(b) of Decree 224/2026/NĐ-CP (in force from 1/7/2026)",
            ),
            (
                "nd-47-2020",
                "openness-stated",
                "Công văn 2051/BTTTT-THH",
                "official letter 2051/BTTTT-THH",
            ),
        ],
    )
    def test_a_place_in_the_law_in_words(self, code: str, rule: str, vi: str, en: str) -> None:
        edition = load.edition(code)
        found = next(one for one in edition.rules if one.id == rule)
        assert edition.basis(found, "vi") == vi
        assert edition.basis(found, "en") == en
        assert edition.basis(found, "km") == vi

    def test_places_in_one_instrument_stand_together(self) -> None:
        edition = load.edition("nd-47-2020")
        rule = next(one for one in edition.rules if one.id == "licence-of-law")
        assert edition.basis(rule, "vi") == (
            "khoản 3 Điều 18, khoản 4 Điều 18, khoản 5 Điều 18 Nghị định 47/2020/NĐ-CP "
            "(hết hiệu lực từ 19/8/2025)"
        )


class TestDuties:
    def test_every_duty_is_here(self) -> None:
        assert [duty.id for duty in load.duties()] == [f"O{n:02}" for n in range(1, DUTIES + 1)]

    def test_every_duty_is_checked_or_says_why_not(self) -> None:
        known = load.rule_ids()
        for duty in load.duties():
            assert set(duty.rules) <= known, duty.id
            assert bool(duty.rules or duty.shown) != bool(duty.unchecked), duty.id

    def test_what_the_plan_of_an_agency_must_hold_is_shown_by_plans(self) -> None:
        duties = {duty.id: duty for duty in load.duties()}
        for number in ("O15", "O18", "O25"):
            assert "nd47_catalogue" in (duties[number].shown or {}).get("vi", ""), number

    def test_a_duty_of_decree_47_alone_ended_with_its_article(self) -> None:
        """The source of such a duty names the decree, its article, and no other provision."""
        last = {
            clause.article: clause.until
            for rule in load.edition("nd-47-2020").rules
            for clause in rule.clauses
            if clause.article
        }
        ended = 0
        for duty in load.duties():
            if alone := re.fullmatch(r"NĐ 47/2020 (\d+)[^;]*", duty.source):
                expected = last.get(alone[1], DECREE_ENDED)
                assert duty.until == expected, duty.id
                ended += 1
            else:
                assert duty.until is None, duty.id
        assert ended > 10

    def test_every_rule_checks_a_duty(self) -> None:
        checked = {rule for duty in load.duties() for rule in duty.rules}
        assert load.rule_ids() - checked == WITHOUT_DUTY


RULES_FAULTS: dict[str, tuple[Change, str]] = {
    "no text in English": (lambda c: c["rules"][0]["title"].pop("en"), "title must give a text"),
    "an empty text": (lambda c: c["rules"][0]["remedy"].update(vi=" "), "has no text for vi"),
    "an unknown scope": (lambda c: c["rules"][0].update(applies="all"), "applies must be one of"),
    "fields that are no list": (lambda c: c["rules"][0].update(fields="url"), "must be a list"),
    "a missing phrase": (lambda c: c["phrases"].pop("ended"), "ended missing"),
    "no rules": (lambda c: c.update(rules=[]), "rules must be a list of mappings"),
}
LAW_FAULTS: dict[str, tuple[Change, str]] = {
    "a rule that is none": (lambda c: c["rules"][0].update(rule="x"), "no such rule"),
    "a rule that stands twice": (lambda c: c["rules"].append(c["rules"][0]), "is listed twice"),
    "an unknown severity": (lambda c: c["rules"][0].update(severity="now"), "severity must be"),
    "points below one": (lambda c: c["rules"][0].update(points=0), "points must be"),
    "an odd place": (lambda c: c["rules"][0]["clauses"][0].update(at="43/2"), "at must be"),
    "an odd first day": (
        lambda c: c["rules"][0]["clauses"][0].update({"from": "soon"}),
        "from must be",
    ),
    "an end before its beginning": (
        lambda c: c["rules"][0]["clauses"][0].update(
            {"from": dt.date(2026, 1, 2), "until": dt.date(2026, 1, 1)}
        ),
        "until must not be before from",
    ),
    "an odd day": (lambda c: c["rules"][0]["clauses"][0].update(until="soon"), "until must be"),
    "an unknown instrument": (
        lambda c: c["rules"][0]["clauses"][0].update(instrument="x"),
        "instrument must be one of",
    ),
    "an unknown status": (
        lambda c: c["rules"][0]["clauses"][0].update(status="sure"),
        "status must be one of",
    ),
    "a binding rule that nobody has read": (
        lambda c: c["rules"][0]["clauses"][0].update(status="secondary"),
        "requires a verified clause",
    ),
    "a binding rule without a clause": (
        lambda c: c["rules"][0].update(clauses=[]),
        "requires a verified clause",
    ),
    "another name than the file": (
        lambda c: c.update(edition="x"),
        "edition must be 'luat-20-2023'",
    ),
}


class TestBrokenFiles:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        copied = tmp_path / "rules"
        shutil.copytree(data_path("schemas", "rules"), copied)
        return copied

    @staticmethod
    def broken(path: Path, change: Change) -> None:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        change(content)
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")

    @pytest.mark.parametrize("fault", RULES_FAULTS)
    def test_a_fault_in_the_texts(self, fault: str, folder: Path) -> None:
        change, words = RULES_FAULTS[fault]
        path = folder / "rules.yaml"
        self.broken(path, change)
        with pytest.raises(DataFileError, match=words) as error:
            load.read_edition(path, folder / "editions" / "luat-20-2023.yaml")
        assert str(path) in str(error.value)

    @pytest.mark.parametrize("fault", LAW_FAULTS)
    def test_a_fault_in_an_edition(self, fault: str, folder: Path) -> None:
        change, words = LAW_FAULTS[fault]
        path = folder / "editions" / "luat-20-2023.yaml"
        self.broken(path, change)
        with pytest.raises(DataFileError, match=words) as error:
            load.read_edition(folder / "rules.yaml", path)
        assert str(path) in str(error.value)

    @pytest.mark.parametrize("content", [b"[1, 2]", b"a: [", b"\xff\xfe"])
    def test_a_file_that_holds_something_else(self, content: bytes, folder: Path) -> None:
        path = folder / "rules.yaml"
        path.write_bytes(content)
        with pytest.raises(DataFileError):
            load.read_edition(path, folder / "editions" / "luat-20-2023.yaml")

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (lambda c: c["obligations"][0].pop("rules"), "give either rules"),
            (
                lambda c: c["obligations"][7].update(shown={"vi": "Kế hoạch", "en": "Plan"}),
                "give either rules",
            ),
            (lambda c: c["obligations"][7].update(until="soon"), "until must be a date"),
            (lambda c: c["obligations"][0].update(unchecked={}), "give either rules"),
            (lambda c: c["obligations"].append(c["obligations"][0]), "is listed twice"),
        ],
    )
    def test_a_fault_in_the_duties(self, change: Change, words: str, folder: Path) -> None:
        path = folder / "obligations.yaml"
        self.broken(path, change)
        with pytest.raises(DataFileError, match=words):
            load.read_duties(path)
