"""Values change only where somebody changes them, and answers of the API have every key of CKAN."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.lib import search
from ckan.tests import factories
from ckan.tests.helpers import call_action, reset_db

from tests.metadata.conftest import new_name
from tests.support.loaded import OURS, loaded

BEFORE = ""
AFTER = f"{OURS} nd47_l10n nd47_dcat dcat"
STORED = [
    {"url": "https://tep.example/bao-cao.doc", "format": "Word"},
    {"url": "https://tep.example/so-lieu", "format": "excel", "mimetype": None, "size": None},
    {"url": "https://tep.example/a.csv", "format": "csv", "mimetype": "text/plain", "size": 12},
]


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    """A dataset of plain CKAN, from before the suite came."""
    reset_db()
    with loaded(BEFORE):
        owner = factories.Organization()
        made = call_action(
            "package_create", name=new_name(), owner_org=owner["id"], resources=STORED
        )
        # CKAN spells formats as it knows them; an older portal holds what people wrote.
        for resource, given in zip(made["resources"], STORED, strict=True):
            row = model.Resource.get(resource["id"])
            assert row is not None
            row.format, row.mimetype, row.size = (
                given["format"],
                given.get("mimetype"),
                given.get("size"),
            )
        model.Session.commit()
        search.rebuild(made["id"])
        return call_action("package_show", id=made["id"])


@pytest.fixture
def portal(stored: dict[str, Any]) -> Iterator[None]:
    with loaded(AFTER):
        yield


def resources() -> list[Any]:
    model.Session.expire_all()
    query = sa.text(
        "SELECT id, url, format, mimetype, size, hash, extras FROM resource ORDER BY position"
    )
    return list(model.Session.execute(query).all())


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize(
    "change",
    [
        lambda shown: call_action("package_patch", id=shown["id"], notes="Mô tả khác"),
        lambda shown: call_action("package_update", **{**shown, "title": "Tên khác"}),
        lambda shown: call_action(
            "resource_patch", id=shown["resources"][0]["id"], description="Tệp một"
        ),
        lambda shown: call_action(
            "resource_update", **{**shown["resources"][2], "description": "Tệp ba"}
        ),
    ],
    ids=["package_patch", "package_update", "resource_patch", "resource_update"],
)
def test_an_unrelated_update_leaves_files_as_they_are(stored, change):
    before = resources()
    change(call_action("package_show", id=stored["id"]))
    assert resources() == before


@pytest.mark.usefixtures("portal")
def test_a_name_of_several_formats_is_shown_as_it_is_stored(stored):
    shown = call_action("package_show", id=stored["id"])
    assert [resource["format"] for resource in shown["resources"]] == ["Word", "excel", "csv"]


@pytest.mark.usefixtures("portal")
def test_empty_values_stay_in_answers(stored):
    search.rebuild(stored["id"])
    for shown in (
        call_action("package_show", id=stored["id"]),
        call_action("package_search", fq=f"id:{stored['id']}")["results"][0],
    ):
        assert stored.keys() - shown.keys() == set()
        for before, now in zip(stored["resources"], shown["resources"], strict=True):
            assert before.keys() - now.keys() == set()
            assert {key: now[key] for key in ("mimetype", "size")} == {
                key: before[key] for key in ("mimetype", "size")
            }
    one = call_action("resource_show", id=stored["resources"][1]["id"])
    assert (one["mimetype"], one["size"]) == (None, None)


@pytest.mark.usefixtures("portal")
def test_a_changed_format_gets_its_media_type(stored):
    made = stored["resources"][1]["id"]
    changed = call_action("resource_patch", id=made, format="XLSX")
    assert changed["mimetype"].endswith("spreadsheetml.sheet")
