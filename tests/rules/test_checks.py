"""Each rule with a record that meets it, and with one that does not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from ckanext.nd47.rules import load
from ckanext.nd47.rules.checks import CHECKS
from ckanext.nd47.rules.report import Finding

from .conftest import EDITIONS, RECORD, RESOURCE, UNDECIDED, of_edition

Findings = Callable[..., dict[str, Finding]]

pytestmark = pytest.mark.usefixtures("portal")

BREACHES: dict[str, dict[str, Any]] = {
    "online-access": {"resources": []},
    "open-format": {"resources": [{**RESOURCE, "format": "DOC"}]},
    "machine-readable": {"resources": [{**RESOURCE, "format": "PDF"}]},
    "free-access": {"access_rights": "cong-khai-co-dieu-kien"},
    "free-of-charge": {"price": "100000"},
    "open-licence": {"license_id": "", "isopen": False},
    "licence-of-law": {"license_id": "cc-by"},
    "attribution": {"owner_org": None},
    "integrity-recorded": {"resources": [{**RESOURCE, "size": None}]},
    "described": {"notes": " "},
    "up-to-date": {"modified": "2024-01-01"},
    "frequency-stated": {"frequency": "khong-xac-dinh"},
    "updated-after-publication": {
        "frequency": "hang-thang",
        "issued": "2026-01-02",
        "modified": "2026-01-02",
    },
    "publication-method": {"resources": [{**RESOURCE, "publication_method": ""}]},
    "national-portal": {"national_portal": []},
    "catalogue-entry": {"catalogue_entry": [{"code": "12"}]},
    "personal-data-assessment": {
        "personal_data_assessment": [],
        "resources": [{**RESOURCE, "id": "unknown"}],
    },
    "personal-data-decision": {"resources": [{**RESOURCE, "id": UNDECIDED}]},
    "security-assessment": {"security_assessment": [{"assessed_by": "Sở Y tế"}]},
    "feedback-contact": {"contact": [{"name": "Phòng Kế hoạch"}]},
    "focal-point": {"contact": [{"name": "Phòng Kế hoạch", "email": "a@b.vn"}]},
    "office-contact": {"contact": [{"name": "Phòng Kế hoạch", "email": "sgd@gmail.com"}]},
    "openness-stated": {"access_rights": ""},
    "disclosure-consistent": {"access_rights": "khong-duoc-cong-khai"},
    "source-stated": {"provenance": "", "source_database": []},
    "source-database": {"source_database": [{"name": "CSDL"}]},
    "yearly-check": {"issued": "2024-01-02", "yearly_check": []},
    "usage-regulation": {"usage_regulation": ""},
    "basis-in-force": {"applicable_legislation": ["nd-47-2020"]},
}
"""What to change in the good record so that it breaks one rule."""

APPLICABLE: dict[str, dict[str, Any]] = {
    "updated-after-publication": {
        "frequency": "hang-thang",
        "issued": "2026-01-02",
        "modified": "2026-03-02",
    },
    "yearly-check": {
        "issued": "2024-01-02",
        "yearly_check": [{"date": "2026-02-01", "result": "Đạt", "document": "12/BC"}],
    },
}
"""What to change in the good record so that a rule has something to say about it, and is met."""

CASES = [(code, rule.id) for code in EDITIONS for rule in load.edition(code).rules]


def test_every_rule_has_a_breach_here() -> None:
    assert set(BREACHES) == load.rule_ids()


def test_every_check_belongs_to_a_rule() -> None:
    used = {rule.check for code in load.editions() for rule in load.edition(code).rules}
    assert used == set(CHECKS)


@pytest.mark.parametrize(("edition", "rule"), CASES, indirect=["edition"])
def test_a_good_record_meets_the_rule(
    edition: str, rule: str, record: dict[str, Any], findings: Findings
) -> None:
    dataset = of_edition({**record, **APPLICABLE.get(rule, {})}, edition)
    assert findings(dataset)[rule].met is True


@pytest.mark.parametrize(("edition", "rule"), CASES, indirect=["edition"])
def test_a_breach_is_found(
    edition: str, rule: str, record: dict[str, Any], findings: Findings
) -> None:
    dataset = {**of_edition(record, edition), **deepcopy(BREACHES[rule])}
    assert findings(dataset)[rule].met is False


@pytest.mark.parametrize(("edition", "rule"), CASES, indirect=["edition"])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_breach_says_what_to_do_and_where_the_law_says_so(
    edition: str, rule: str, lang: str, record: dict[str, Any], findings: Findings
) -> None:
    dataset = {**of_edition(record, edition), **deepcopy(BREACHES[rule])}
    finding = findings(dataset)[rule]
    words = finding.advice(lang)
    assert "{" not in words
    assert finding.rule.remedy[lang] in words
    assert finding.basis(lang) in words


def test_no_rule_of_the_law_in_force_speaks_of_decree_47(
    record: dict[str, Any], findings: Findings
) -> None:
    """Its open-data articles are repealed: no record may be told to follow them."""
    for rule, breach in BREACHES.items():
        if rule == "basis-in-force":
            continue  # names the legal basis that the record itself gives
        for finding in findings({**record, **deepcopy(breach)}).values():
            assert "47/2020" not in finding.advice("vi") + finding.advice("en")


class TestWhatTheCheckOfTheFilesFound:
    """See `conftest.FACTS`: what is known of files with these ids."""

    @pytest.mark.parametrize("rule", ["open-format", "machine-readable"])
    @pytest.mark.parametrize("file", ["scanned", "broken"])
    def test_a_file_that_is_not_what_it_says_or_is_broken_is_not_readable(
        self, rule: str, file: str, record: dict[str, Any], findings: Findings
    ) -> None:
        dataset = {**record, "resources": [{**RESOURCE, "id": file}]}
        if (rule, file) != ("open-format", "scanned"):
            assert findings(dataset)[rule].met is False
        dataset["resources"].append({**RESOURCE, "id": "other"})
        assert findings(dataset)[rule].met is True

    def test_a_broken_file_is_not_whole(self, record: dict[str, Any], findings: Findings) -> None:
        dataset = {**record, "resources": [{**RESOURCE, "id": "broken"}]}
        assert findings(dataset)["integrity-recorded"].met is False

    def test_decisions_about_all_personal_data_are_an_assessment(
        self, record: dict[str, Any], findings: Findings
    ) -> None:
        without = {**record, "personal_data_assessment": []}
        assert findings(without)["personal-data-assessment"].met is True
        without["resources"] = [*record["resources"], {**RESOURCE, "id": UNDECIDED}]
        assert findings(without)["personal-data-assessment"].met is False

    def test_files_without_personal_data_need_no_decision(
        self, record: dict[str, Any], findings: Findings
    ) -> None:
        dataset = {**record, "resources": [{**RESOURCE, "id": "unknown"}]}
        assert findings(dataset)["personal-data-decision"].met is None

    def test_a_file_that_is_being_sent_is_not_judged_by_the_one_before(
        self, record: dict[str, Any], findings: Findings
    ) -> None:
        sent = {**RESOURCE, "id": UNDECIDED, "upload": object()}
        found = findings({**record, "resources": [sent]})
        assert found["personal-data-decision"].met is None


class TestWhatIsNotHeldAgainstARecord:
    def test_data_that_claim_no_openness_are_free_of_the_rules_on_open_data(
        self, record: dict[str, Any], findings: Findings
    ) -> None:
        shared = {
            **record,
            "sharing_class": "du-lieu-dung-chung",
            "license_id": "",
            "isopen": False,
        }
        assert findings(shared)["open-licence"].met is None

    def test_conditionally_open_data_are_never_held_to_be_open_data(
        self, record: dict[str, Any], findings: Findings
    ) -> None:
        conditional = {**record, "sharing_class": "du-lieu-mo-co-dieu-kien", "isopen": True}
        found = findings(conditional)
        assert {one.met for one in found.values() if one.rule.applies == "open"} == {None}

    def test_a_record_of_another_schema_claims_openness_by_its_licence(
        self, findings: Findings
    ) -> None:
        plain = {"type": "dataset", "license_id": "cc-by", "isopen": True, "resources": []}
        assert findings(plain)["online-access"].met is False
        assert findings({**plain, "isopen": False})["online-access"].met is None

    @pytest.mark.parametrize("name", ["Xyz", "x-custom"])
    def test_a_format_that_the_list_does_not_know(
        self, name: str, record: dict[str, Any], findings: Findings
    ) -> None:
        dataset = {**record, "resources": [{**RESOURCE, "format": name}]}
        found = findings(dataset)
        assert found["open-format"].met is True
        assert found["machine-readable"].met is True

    def test_a_package_which_may_hold_anything(
        self, record: dict[str, Any], findings: Findings
    ) -> None:
        dataset = {**record, "resources": [{**RESOURCE, "format": "ZIP"}]}
        assert findings(dataset)["machine-readable"].met is True

    def test_texts_that_no_machine_reads(self, record: dict[str, Any], findings: Findings) -> None:
        dataset = {
            **record,
            "open_data_category": "van-ban",
            "resources": [{**RESOURCE, "format": "PDF"}],
        }
        assert findings(dataset)["machine-readable"].met is None

    def test_a_second_resource_in_a_closed_format(
        self, record: dict[str, Any], findings: Findings
    ) -> None:
        record["resources"].append({**RESOURCE, "id": "r2", "format": "DOC"})
        assert findings(record)["open-format"].met is True

    def test_a_fee_field_that_says_free(self, record: dict[str, Any], findings: Findings) -> None:
        assert findings({**record, "fee": "Miễn phí"})["free-of-charge"].met is True

    def test_the_day_on_which_the_data_fall_due(
        self, record: dict[str, Any], findings: Findings
    ) -> None:
        due = dt.date(2027, 10, 2)
        assert findings(record, due)["up-to-date"].met is True
        assert findings(record, due + dt.timedelta(days=1))["up-to-date"].met is False

    def test_three_months_end_on_the_same_day_of_the_month(
        self, record: dict[str, Any], findings: Findings, ckan_config: Any
    ) -> None:
        ckan_config["ckanext.nd47.legal_edition"] = "nd-47-2020"
        dataset = of_edition({**record, **BREACHES["updated-after-publication"]}, "nd-47-2020")
        rule = "updated-after-publication"
        assert findings(dataset, dt.date(2026, 4, 2))[rule].met is None
        assert findings(dataset, dt.date(2026, 4, 3))[rule].met is False

    def test_yearly_data_have_no_news_within_three_months(
        self, record: dict[str, Any], findings: Findings, ckan_config: Any
    ) -> None:
        ckan_config["ckanext.nd47.legal_edition"] = "nd-47-2020"
        dataset = of_edition(
            {**record, "issued": "2024-01-02", "modified": "2024-01-02"}, "nd-47-2020"
        )
        assert findings(dataset)["updated-after-publication"].met is None

    def test_a_basis_beside_one_that_has_ended(
        self, record: dict[str, Any], findings: Findings
    ) -> None:
        dataset = {**record, "applicable_legislation": ["nd-47-2020", "luat-20-2023"]}
        assert findings(dataset)["basis-in-force"].met is True

    def test_a_basis_that_was_in_force_when_the_data_came_out(
        self, record: dict[str, Any], findings: Findings
    ) -> None:
        dataset = {**record, "applicable_legislation": ["nd-47-2020"], "issued": "2025-08-18"}
        assert findings(dataset)["basis-in-force"].met is True
        dataset["issued"] = "2025-08-19"
        assert findings(dataset)["basis-in-force"].met is False

    def test_a_basis_that_was_not_in_force_yet_when_the_data_came_out(
        self, record: dict[str, Any], findings: Findings
    ) -> None:
        dataset = {**record, "applicable_legislation": ["luat-20-2023"], "issued": "2024-07-01"}
        assert findings(dataset)["basis-in-force"].met is True
        dataset["issued"] = "2024-06-30"
        assert findings(dataset)["basis-in-force"].met is False

    def test_data_that_are_not_public_in_a_private_dataset(
        self, record: dict[str, Any], findings: Findings
    ) -> None:
        dataset = {**record, "access_rights": "khong-duoc-cong-khai"}
        assert findings(dataset)["disclosure-consistent"].met is False
        assert findings({**dataset, "private": True})["disclosure-consistent"].met is None

    @pytest.mark.parametrize("hidden", [{"state": "draft"}, {"private": True}])
    def test_what_is_not_public_yet_was_not_published_long_ago(
        self, hidden: dict[str, Any], record: dict[str, Any], findings: Findings, ckan_config: Any
    ) -> None:
        ckan_config["ckanext.nd47.legal_edition"] = "nd-47-2020"
        old = {
            **record,
            "issued": "",
            "metadata_created": "2024-01-02T00:00:00",
            "frequency": "hang-thang",
            "modified": "2024-01-02",
            "yearly_check": [],
        }
        dataset = of_edition(old, "nd-47-2020")
        found = findings(dataset)
        assert found["yearly-check"].met is False
        found = findings({**dataset, **hidden})
        assert found["yearly-check"].met is None
        assert found["updated-after-publication"].met is not False

    @pytest.mark.parametrize("value", ["", "31/02/2024", "hôm qua"])
    def test_a_date_that_is_none(
        self, value: str, record: dict[str, Any], findings: Findings
    ) -> None:
        dataset = {**record, "issued": value, "modified": value}
        assert findings(dataset)["up-to-date"].met is True


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"resources": None},
        {"resources": [None, "x", {}]},
        {"contact": "not a group"},
        {"theme": 7, "frequency": ["hang-nam"], "notes": 3},
        {"extras": [{"key": "price"}]},
        {"access_rights": {"a": 1}},
        dict.fromkeys(RECORD),
    ],
)
def test_no_record_makes_a_rule_fail(odd: dict[str, Any], findings: Findings, edition: str) -> None:
    """Rules look at whatever other schemas, scripts and years have left behind."""
    claims = {"sharing_class": "du-lieu-mo", "type": "dataset"}
    assert findings({**claims, **odd})


@pytest.mark.parametrize(
    ("contact", "met"),
    [
        ({"name": "Nguyễn Văn An", "telephone": "0912 345 678"}, False),
        ({"name": "Bà Hà", "telephone": "+84 912 345 678", "email": "vt@so.example"}, False),
        ({"name": "Trương Thị Bé", "telephone": "0378.123.456"}, False),
        ({"name": "Phòng Kế hoạch", "email": "Phong.KH@GMail.com"}, False),
        ({"name": "Phòng Kế hoạch", "telephone": "0912 345 678"}, True),
        ({"name": "Trường Tiểu học Kim Đồng", "telephone": "0912345678"}, True),
        ({"name": "Chi cục Thủy lợi", "telephone": "0912345678"}, True),
        ({"name": "Nguyễn Văn An", "telephone": "0203 3835 123", "email": "an@so.example"}, True),
        ({"name": "Nguyễn Văn An", "email": "an@notgmail.com"}, True),
    ],
)
def test_a_contact_that_looks_like_a_persons_own_is_advised_against(
    record: dict[str, Any], findings: Findings, contact: dict[str, str], met: bool
) -> None:
    found = findings({**record, "contact": [contact]})["office-contact"]
    assert found.met is met
    assert found.level.value == "advice"
    shown = found.as_dict("vi")
    assert not [value for value in contact.values() if value in str(shown)]
