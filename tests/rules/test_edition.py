"""Which rules the portal applies, and what it may make of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from freezegun import freeze_time

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.lib import config
from ckanext.nd47.rules import edition
from ckanext.nd47.rules.model import Clause, Level, Severity

pytestmark = pytest.mark.usefixtures("portal")


def levels() -> dict[str, Level]:
    """Return the level of each rule that is on."""
    return {rule.id: level for rule, level in edition.in_force().rules}


class TestLevels:
    def test_without_a_setting_the_edition_decides(self) -> None:
        found = levels()
        assert found["open-licence"] is Level.ERROR
        assert found["described"] is Level.WARNING
        assert found["licence-of-law"] is Level.ADVICE

    @pytest.mark.parametrize("level", ["error", "warning"])
    @pytest.mark.parametrize("rule", ["open-licence", "described", "licence-of-law"])
    def test_any_rule_can_be_set(self, rule: str, level: str, ckan_config: Any) -> None:
        ckan_config[config.RULES] = f"{rule}: {level}"
        assert levels()[rule] is Level(level)

    @pytest.mark.parametrize("rule", ["open-licence", "described", "licence-of-law"])
    def test_any_rule_can_be_left_out(self, rule: str, ckan_config: Any) -> None:
        ckan_config[config.RULES] = f"{rule}: off"
        assert rule not in levels()

    def test_settings_stand_on_lines_or_between_commas(self, ckan_config: Any) -> None:
        ckan_config[config.RULES] = "described: off, up-to-date=off;\n\n open-format : warning "
        found = levels()
        assert not {"described", "up-to-date"} & set(found)
        assert found["open-format"] is Level.WARNING

    def test_a_setting_of_a_rule_that_is_gone_stops_nothing(
        self, ckan_config: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        noted: list[str] = []
        monkeypatch.setattr(edition.log, "warning", lambda text, *args: noted.append(text % args))
        ckan_config[config.RULES] = "gone-since: error\ndescribed: off"
        assert "described" not in levels()
        assert "gone-since" in noted[0]

    def test_a_rule_of_the_other_edition_waits_for_it(self, ckan_config: Any) -> None:
        ckan_config[config.RULES] = "yearly-check: error"
        assert "yearly-check" not in levels()
        ckan_config[config.LEGAL_EDITION] = "nd-47-2020"
        assert levels()["yearly-check"] is Level.ERROR


class TestEdition:
    def test_an_edition_of_the_portal_without_rules_has_those_of_the_law_in_force(
        self, ckan_config: Any
    ) -> None:
        ckan_config[config.LEGAL_EDITION] = "cua-tinh"
        assert edition.in_force().edition.id == edition.IN_FORCE

    @pytest.mark.parametrize(
        ("basis", "held_against"),
        [
            ([], "nd-47-2020"),
            (["nd-47-2020"], "nd-47-2020"),
            (["nd-47-2020", "luat-20-2023"], "nd-47-2020"),
            (["luat-20-2023"], "luat-20-2023"),
        ],
    )
    def test_a_repealed_law_is_applied_only_to_its_own_records(
        self, basis: list[str], held_against: str, ckan_config: Any
    ) -> None:
        ckan_config[config.LEGAL_EDITION] = "nd-47-2020"
        found = edition.for_record({"applicable_legislation": basis})
        assert found.edition.id == held_against

    def test_the_law_in_force_is_applied_to_every_record(self) -> None:
        found = edition.for_record({"applicable_legislation": ["nd-47-2020"]})
        assert found.edition.id == "luat-20-2023"


class TestDatesOfForce:
    """A provision that begins or ends is right on that day, by the clock of Vietnam."""

    @pytest.mark.parametrize(
        ("moment", "words"),
        [
            ("2026-06-30 16:59:59", "(có hiệu lực từ 1/7/2026)"),
            ("2026-06-30 17:00:00", ""),
            ("2026-11-28 00:00:00", ""),
        ],
    )
    def test_a_provision_is_told_as_coming_until_its_first_day(
        self, moment: str, words: str
    ) -> None:
        with freeze_time(moment):
            rules = edition.in_force()
            rule = next(one for one, _ in rules.rules if one.id == "feedback-contact")
            told = rules.edition.basis(rule, "vi", rules.today)
        assert told.endswith(f"Nghị định 224/2026/NĐ-CP {words}".strip())

    @pytest.mark.parametrize(
        ("moment", "applied"),
        [("2025-12-31 16:59:59", False), ("2025-12-31 17:00:00", True)],
    )
    def test_a_rule_starts_with_its_first_provision(self, moment: str, applied: bool) -> None:
        with freeze_time(moment):
            assert ("personal-data-assessment" in levels()) is applied

    def test_a_provision_that_has_ended_refuses_nobody(self) -> None:
        until = dt.date(2027, 2, 28)
        clause = Clause("luat-20-2023", "43", "2", "", "verified", until=until)
        rule = replace(edition.in_force().rules[0][0], severity=Severity.MUST, clauses=(clause,))
        assert rule.level_on(until) is Level.ERROR
        assert rule.level_on(until + dt.timedelta(days=1)) is Level.ADVICE

    def test_an_end_that_is_yet_to_come_is_told_as_such(self) -> None:
        rules = edition.in_force()
        clause = Clause("luat-20-2023", "43", "2", "", "verified", until=dt.date(2027, 2, 28))
        for day, words in (
            (dt.date(2027, 2, 28), "(no longer in force from 1/3/2027)"),
            (dt.date(2027, 3, 1), "(no longer in force since 1/3/2027)"),
        ):
            assert rules.edition.reference(clause, "en", day).endswith(words)

    def test_a_portal_that_stays_with_the_old_decree_has_it_as_on_its_last_day(
        self, ckan_config: Any
    ) -> None:
        ckan_config[config.LEGAL_EDITION] = "nd-47-2020"
        with freeze_time("2026-11-28"):
            assert levels()["open-format"] is Level.ERROR


class TestOptions:
    @pytest.mark.parametrize(
        ("given", "stored"),
        [
            ("", ""),
            ("described: off", "described: off"),
            ("described=off, up-to-date : warning\n", "described: off\nup-to-date: warning"),
        ],
    )
    def test_good_levels(self, given: str, stored: str) -> None:
        assert edition.stored_levels(given) == stored

    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            ("described", "“described” is not of the form “rule: level”."),
            ("khong-co: error", "There is no rule “khong-co”."),
            ("described: fatal", "“fatal” is not a level of a rule."),
            ("described: off\ndescribed: error", "The rule “described” is listed twice."),
            ("<script>", "is not of the form"),
        ],
    )
    def test_bad_levels_are_refused_with_a_reason(self, given: str, reason: str) -> None:
        with pytest.raises(tk.Invalid, match=reason):
            edition.stored_levels(given)

    def test_every_bad_line_is_told(self) -> None:
        with pytest.raises(tk.Invalid, match=r"“a”.*“b: off”|“a”.*rule “b”"):
            edition.stored_levels("a\nb: off")

    @pytest.mark.parametrize(
        ("given", "stored"), [("", ""), ("2027-01-01", "2027-01-01"), ("1/7/2027", "2027-07-01")]
    )
    def test_good_days(self, given: str, stored: str) -> None:
        assert edition.stored_day(given) == stored

    @pytest.mark.parametrize("given", ["2027", "7/2027", "31/02/2027", "sớm"])
    def test_bad_days_are_refused_with_a_reason(self, given: str) -> None:
        with pytest.raises(tk.Invalid, match="is not a day"):
            edition.stored_day(given)


class TestAtRunTime:
    """An administrator changes the rules without a restart."""

    @pytest.fixture(autouse=True)
    def _as_before(self, ckan_config: Any) -> Any:
        before = {key: ckan_config[key] for key in (config.RULES, config.RULES_FROM)}
        yield
        for key, value in before.items():
            model.delete_system_info(key)
            tk.config[key] = value

    def test_levels_take_effect_at_once(self) -> None:
        call_action("config_option_update", **{config.RULES: "described: error"})
        assert levels()["described"] is Level.ERROR

    def test_bad_values_are_refused_and_nothing_changes(self) -> None:
        with pytest.raises(tk.ValidationError) as refusal:
            call_action(
                "config_option_update",
                **{config.RULES: "described: fatal", config.RULES_FROM: "sớm"},
            )
        assert set(refusal.value.error_dict) == {config.RULES, config.RULES_FROM}
        assert levels()["described"] is Level.WARNING
