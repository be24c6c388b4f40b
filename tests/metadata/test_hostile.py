"""Hostile input to every field: a message at the field, or a clean value; no error of the server.

The fields are those of the schema, found by walking it, so a new field is tried without a new test.
"""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask_babel import force_locale
from rdflib import Graph

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.scheming.helpers import scheming_get_dataset_schema

from tests.metadata.conftest import new_name
from tests.metadata.datasets.legacy import row
from tests.metadata.datasets.test_datasets import FULL
from tests.metadata.datasets.test_legacy import leaves
from tests.metadata.hostile import (
    CORE_VALUES,
    EXPORTED_KINDS,
    GROUP_VALUES,
    STORED_KINDS,
    TEXTS,
    VALUES,
)
from tests.support.databases import empty_database
from tests.support.loaded import OURS, client, loaded

PLUGINS = f"{OURS} nd47_dcat nd47_l10n dcat"
VIETNAMESE = re.compile(
    "[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.I
)
REPORTED_AS = {"tag_string": "tags"}
"""Names that CKAN reports an error under, where they are not those of the field."""

CORE_FIELDS = (
    "id",
    "name",
    "title",
    "owner_org",
    "type",
    "state",
    "private",
    "author",
    "author_email",
    "maintainer_email",
    "tags",
    "tag_string",
    "groups",
    "extras",
    "resources",
    "relationships_as_subject",
    "plugin_data",
    "metadata_modified",
    "save",
    "khóa lạ",
)
PARTS = {
    "extras": ("key", "value", "deleted"),
    "tags": ("name", "vocabulary_id"),
    "groups": ("id", "name"),
    "resources": (
        "id",
        "url",
        "url_type",
        "format",
        "size",
        "created",
        "last_modified",
        "resource_type",
        "mimetype_inner",
        "position",
        "package_id",
        "upload",
        "khóa lạ",
    ),
}


@pytest.fixture(scope="module")
def portal() -> Iterator[dict[str, Any]]:
    # Solr is not waited for: nothing here reads what it has just been given, but `TestIndex`.
    with loaded(PLUGINS, ckan__locale_default="vi", ckan__search__solr_commit="false") as options:
        empty_database()
        yield options


@pytest.fixture(scope="module")
def app(portal: dict[str, Any]) -> CKANTestApp:
    tk.config.update(portal)
    return client()


@pytest.fixture(autouse=True)
def vietnamese(portal: dict[str, Any], app: CKANTestApp) -> Iterator[None]:
    """Everything is asked as by a Vietnamese reader."""
    tk.config.update(portal)
    with app.flask_app.test_request_context("/"), force_locale("vi"):
        yield
    model.Session.rollback()


@pytest.fixture(scope="module")
def officer(portal: dict[str, Any]) -> dict[str, str]:
    """Name, token and organisation of an editor, whose rights CKAN asks about."""
    user, owner = factories.User(), factories.Organization(title="Sở", identifier="H99.02")
    call_action("organization_member_create", id=owner["id"], username=user["name"], role="editor")
    token = factories.APIToken(user=user["name"])["token"]
    return {"name": user["name"], "token": token, "org": owner["id"]}


@pytest.fixture(scope="module")
def http(app: CKANTestApp, officer: dict[str, str]) -> Any:
    def post(action: str, body: str) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": officer["token"], "Content-Type": "application/json"}
        answer = app.post(f"/api/3/action/{action}", headers=headers, data=body)
        return answer.status_code, json.loads(answer.get_data(as_text=True))

    return post


def plain_fields(side: str = "dataset_fields") -> list[str]:
    schema: Any = scheming_get_dataset_schema("dataset")
    return [f["field_name"] for f in schema[side] if "repeating_subfields" not in f]


def groups() -> dict[str, list[str]]:
    schema: Any = scheming_get_dataset_schema("dataset")
    return {
        field["field_name"]: [sub["field_name"] for sub in field["repeating_subfields"]]
        for field in schema["dataset_fields"]
        if "repeating_subfields" in field
    }


def everywhere(value: Any) -> dict[str, Any]:
    """Return a dataset with a value in every field, every subfield and every field of a file."""
    # An address in use, an organisation of others or no organisation is another matter.
    fields = {name: value for name in plain_fields() if name not in {"name", "owner_org"}}
    fields |= {name: [dict.fromkeys(subfields, value)] for name, subfields in groups().items()}
    fields["resources"] = [dict.fromkeys(plain_fields("resource_fields"), value)]
    return fields


def act(officer: Mapping[str, str], action: str, **fields: Any) -> dict[str, Any]:
    """Run an action as the editor; only the refusals that CKAN answers properly may come out."""
    context: Any = {"user": officer["name"], "ignore_auth": False}
    return call_action(action, context, **fields)


def saved_or_refused(
    officer: Mapping[str, str], action: str, base: dict[str, Any], tried: Any
) -> Any:
    """Send a dataset until all that is refused is gone; check every refusal on the way.

    Returns:
        What was accepted of the fields that were tried, and the dataset as it is shown.
    """
    tried = dict(tried)
    for _ in range(12):
        before = stored_or_none(base["name"])
        try:
            return tried, act(officer, action, **{**base, **tried})
        except tk.ValidationError as refused:
            model.Session.rollback()
            assert stored_or_none(base["name"]) == before
            tried = without(tried, refused.error_dict)
    raise AssertionError("still refused: " + ", ".join(tried))


def stored_or_none(name: str) -> dict[str, Any] | None:
    """Return what the database holds of a dataset, None where there is no such dataset."""
    model.Session.expire_all()
    package = model.Package.get(name)
    return row(package) if package else None


def without(tried: dict[str, Any], errors: Mapping[str, Any]) -> dict[str, Any]:
    """Take out what was refused; every error has to stand at something that was tried."""
    left = dict(tried)
    for name, error in errors.items():
        field = next((f for f, reported in REPORTED_AS.items() if reported == name), name)
        field = field if field in left else name
        assert field in left, (name, error)
        if isinstance(error[0], dict):
            left[field] = [_part_without(left[field][0], error[0])]
        else:
            check_messages(error)
            del left[field]
    return left


def _part_without(part: dict[str, Any], errors: Mapping[str, Any]) -> dict[str, Any]:
    for messages in errors.values():
        check_messages(messages)
    assert set(errors) <= set(part), errors
    return {name: value for name, value in part.items() if name not in errors}


def check_messages(messages: Any) -> None:
    assert messages
    for message in messages:
        assert isinstance(message, str)
        assert VIETNAMESE.search(message), message
        assert len(message) < 400


def is_clean(value: Any) -> bool:
    """Say whether a stored text is one that PostgreSQL, XML and JSON can all hold, in NFC."""
    return not re.search(
        "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", value
    ) and unicodedata.is_normalized("NFC", value)


def new_dataset(officer: Mapping[str, str]) -> dict[str, Any]:
    return {"name": new_name(), "title": "Tên", "owner_org": officer["org"]}


class TestEveryField:
    @pytest.mark.parametrize("kind", VALUES)
    def test_of_a_new_dataset(self, officer, kind):
        accepted, made = saved_or_refused(
            officer, "package_create", new_dataset(officer), everywhere(VALUES[kind])
        )
        self.check(accepted, made)

    @pytest.mark.parametrize("kind", STORED_KINDS)
    def test_of_a_dataset_that_is_there(self, officer, kind):
        base = act(officer, "package_create", **{**FULL, **new_dataset(officer)})
        accepted, made = saved_or_refused(officer, "package_update", base, everywhere(VALUES[kind]))
        self.check(accepted, made)
        assert made["identifier"] == base["identifier"]

    @staticmethod
    def check(accepted: dict[str, Any], made: dict[str, Any]) -> None:
        assert all(map(is_clean, leaves(made)))
        for name in accepted:
            if name in {"tag_string", "resources"} or is_blank(accepted[name]):
                continue
            assert made.get(name) not in (None, "", []), f"{name} is lost"
        assert call_action("package_update", **made) == made


def is_blank(value: Any) -> bool:
    """Say whether a value says nothing, whatever it is made of."""
    if isinstance(value, dict):
        return all(map(is_blank, value.values()))
    if isinstance(value, list):
        return all(map(is_blank, value))
    return value is None or isinstance(value, str) and not value.strip()

    @pytest.mark.parametrize("kind", EXPORTED_KINDS)
    def test_is_exported(self, officer, kind):
        _, made = saved_or_refused(
            officer, "package_create", new_dataset(officer), everywhere(VALUES[kind])
        )
        turtle = call_action("dcat_dataset_show", id=made["id"], format="ttl")
        assert Graph().parse(data=turtle, format="turtle")


class TestGroups:
    """The whole of a field with subfields."""

    @pytest.mark.parametrize("kind", GROUP_VALUES)
    def test_of_another_shape(self, officer, kind):
        tried = dict.fromkeys(groups(), GROUP_VALUES[kind])
        accepted, made = saved_or_refused(officer, "package_create", new_dataset(officer), tried)
        TestEveryField.check(accepted, made)

    def test_unknown_subfield_is_kept(self, officer):
        given = [{"name": "A", "khóa lạ": "b", "cấp": {"a": ["b"]}}]
        made = act(officer, "package_create", **new_dataset(officer), contact=given)
        assert made["contact"] == given
        assert call_action("package_update", **{**made, "title": "Khác"})["contact"] == given

    @pytest.mark.parametrize("value", ["a\x00", {"a": "b\ud800"}, ["\x0b"]])
    def test_unknown_subfield_is_clean(self, officer, value):
        with pytest.raises(tk.ValidationError) as refused:
            act(officer, "package_create", **new_dataset(officer), contact=[{"lạ": value}])
        assert set(refused.value.error_dict) == {"contact"}

    def test_key_that_cannot_be_stored_is_refused(self, officer):
        with pytest.raises(tk.ValidationError) as refused:
            act(officer, "package_create", **new_dataset(officer), contact=[{"a\x00": "b"}])
        assert set(refused.value.error_dict) == {"contact"}

    def test_of_a_form_may_number_groups_as_it_likes(self, officer):
        number = "9" * 5000
        made = act(
            officer,
            "package_create",
            **new_dataset(officer),
            **{"contact-shown": "1", "contact-3-name": "B", "contact-0-name": "A"},
            **{f"contact-{number}-name": "C", "contact-x-name": "D"},
        )
        assert made["contact"] == [{"name": "A"}, {"name": "B"}]

    def test_subfield_that_stands_twice_in_a_form_is_refused(self, officer):
        with pytest.raises(tk.ValidationError) as refused:
            act(
                officer,
                "package_create",
                **new_dataset(officer),
                **{"contact-shown": "1", "contact-0-name": ["A", "B"]},
            )
        assert set(refused.value.error_dict) == {"contact"}

    def test_what_a_form_carries_along_may_be_anything(self, officer):
        for value in ("[", "5", "[" * 100_000, '{"a": "b"}', "null"):
            made = act(
                officer,
                "package_create",
                **new_dataset(officer),
                **{"contact-shown": "1", "contact-0-name": "A", "contact-0-nd47-kept": value},
                resources=[{"url": "https://a.example", "nd47-kept": value}],
            )
            assert made["contact"][0]["name"] == "A"


REFUSALS = (tk.NotAuthorized, tk.ObjectNotFound)


class TestFieldsOfCkan:
    """Checked by CKAN itself, some of them before any validator runs."""

    @pytest.mark.parametrize("kind", CORE_VALUES)
    def test_end_in_no_error_of_the_server(self, officer, kind):
        base = act(officer, "package_create", **new_dataset(officer))
        actions = itertools.cycle(("package_create", "package_update", "package_patch"))
        # Three kinds in a row meet all three actions at each field.
        next(itertools.islice(actions, list(CORE_VALUES).index(kind) % 3, None))
        for tried in self.each(CORE_VALUES[kind]):
            action = next(actions)
            given = new_dataset(officer) if action == "package_create" else base
            self.attempt(officer, action, {**given, **tried})

    @staticmethod
    def each(value: Any) -> Iterator[dict[str, Any]]:
        """Yield each field, and each field of a part, with the value."""
        for name in CORE_FIELDS:
            yield {name: value}
        for name, keys in PARTS.items():
            for key in keys:
                yield {name: [{key: value}]}

    @staticmethod
    def attempt(officer: Mapping[str, str], action: str, given: dict[str, Any]) -> None:
        summary: Any = None
        try:
            act(officer, action, **given)
        except tk.ValidationError as refused:
            # What a form puts above its fields.
            summary = refused.error_summary
        except REFUSALS:
            pass
        model.Session.rollback()
        assert summary is None or summary

    @pytest.mark.parametrize("kind", CORE_VALUES)
    def test_of_a_resource_end_in_no_error_of_the_server(self, officer, kind):
        base = act(
            officer,
            "package_create",
            **new_dataset(officer),
            resources=[{"url": "https://a.example/a.csv"}],
        )
        resource = base["resources"][0]["id"]
        actions = itertools.cycle(("resource_create", "resource_update", "resource_patch"))
        next(itertools.islice(actions, list(CORE_VALUES).index(kind) % 3, None))
        for key in PARTS["resources"]:
            action = next(actions)
            given = {"package_id": base["id"]} if action == "resource_create" else {"id": resource}
            self.attempt(
                officer, action, {"url": "https://a.example/b.csv", key: CORE_VALUES[kind], **given}
            )

    def test_resource_without_an_address_is_saved(self, officer):
        made = act(officer, "package_create", **new_dataset(officer), resources=[{"name": "A"}])
        assert made["resources"][0]["name"] == "A"


class TestHttp:
    """The same through the API, where JSON can say more than a form."""

    def create(self, http, officer, text: str) -> tuple[int, dict[str, Any]]:
        base = json.dumps(new_dataset(officer), ensure_ascii=False)
        return http("package_create", f"{base[:-1]}, {text}}}")

    @pytest.mark.parametrize("kind", [name for name in TEXTS if "surrogate" in name])
    def test_lone_surrogates_are_refused_at_every_field(self, http, officer, kind):
        # Keywords are looked at before the other fields.
        names = set(plain_fields()) - {"name", "owner_org", "tag_string"}
        given = json.dumps(dict.fromkeys(names, TEXTS[kind]))
        code, answer = self.create(http, officer, given[1:-1])
        assert (code, set(answer["error"]) - {"__type"}) == (409, names)

    def test_pair_of_surrogates_is_a_character(self, http, officer):
        code, answer = self.create(http, officer, '"notes": "\\ud83d\\ude00"')
        assert (code, answer["result"]["notes"]) == (200, "😀")

    def test_later_of_two_equal_subfields_counts(self, http, officer):
        code, answer = self.create(http, officer, '"contact": [{"name": "A", "name": "B"}]')
        assert (code, answer["result"]["contact"]) == (200, [{"name": "B"}])

    @pytest.mark.parametrize("value", ["NaN", "Infinity", "-1e999", "1e-400", "5e5"])
    def test_numbers_beyond_json_end_in_no_error_of_the_server(self, http, officer, value):
        names = set(plain_fields()) | set(groups()) - {"name", "owner_org"}
        code, _ = self.create(http, officer, ", ".join(f'"{name}": {value}' for name in names))
        assert code in {400, 409}

    def test_messages_are_vietnamese(self, http, officer):
        code, answer = self.create(http, officer, '"modified": "31/02/2024", "theme": [5]')
        assert code == 409
        assert "không phải" in answer["error"]["modified"][0]
        assert "không có trong danh mục" in answer["error"]["theme"][0]


class TestIndex:
    """Solr takes no more than 32,766 bytes into a field that it does not split."""

    @pytest.fixture(autouse=True)
    def committed(self, vietnamese: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(tk.config, "ckan.search.solr_commit", True)

    LONG = "Dữ liệu về đất đai, môi trường và khí hậu của tỉnh. " * 2000

    def test_long_extra_of_a_dataset_can_be_saved_and_found(self, officer):
        extras = [{"key": "khoala", "value": f"{self.LONG} tucuoicung"}]
        made = act(officer, "package_create", **new_dataset(officer), extras=extras)
        found = call_action("package_search", q="tucuoicung")
        assert [result["id"] for result in found["results"]] == [made["id"]]

    def test_groups_together_may_be_long(self, officer):
        contact = [{"function": "ệ" * 500, "position": str(number)} for number in range(60)]
        made = act(officer, "package_create", **new_dataset(officer), contact=contact)
        assert call_action("package_show", id=made["id"])["contact"] == contact

    def test_list_together_may_not(self, officer):
        with pytest.raises(tk.ValidationError) as refused:
            act(
                officer,
                "package_create",
                **new_dataset(officer),
                conforms_to=[f"{number} {'ệ' * 400}" for number in range(60)],
            )
        assert set(refused.value.error_dict) == {"conforms_to"}

    @pytest.mark.parametrize("plugins", [f"dcat {PLUGINS[:-5]}", OURS])
    def test_any_order_of_plugins_takes_a_long_geometry(self, officer, plugins):
        line = {"type": "LineString", "coordinates": [[105.123456, 21.5]] * 1400}
        with loaded(plugins):
            made = act(
                officer,
                "package_create",
                **new_dataset(officer),
                spatial_coverage=[{"geom": json.dumps(line)}],
            )
        assert json.loads(made["spatial_coverage"][0]["geom"]) == line
