"""Old addresses lead to the new ones after a change of name."""

from __future__ import annotations

from typing import Any

import pytest

from ckan.tests import factories
from ckan.tests.helpers import call_action

from tests.metadata.conftest import Create, new_name

pytestmark = pytest.mark.usefixtures("portal", "without_rules")


def renamed(create: Create, **fields: Any) -> tuple[str, str]:
    """Make a dataset with another name than it had; return both names."""
    former, name = new_name(), new_name()
    dataset = create(name=former, **fields)
    call_action("package_patch", id=dataset["id"], name=name)
    return former, name


def get(app: Any, path: str, **more: Any) -> Any:
    return app.get(path, follow_redirects=False, **more)


@pytest.mark.parametrize("rest", ["", "/resource/x", "/citation.bib?a=b"])
def test_an_old_address_of_a_dataset_leads_to_the_new_one(app, create, rest):
    former, name = renamed(create)
    answer = get(app, f"/dataset/{former}{rest}")
    assert answer.status_code == 301
    assert answer.location.endswith(f"/dataset/{name}{rest}")


@pytest.mark.parametrize("page", ["activity", "groups"])
def test_an_old_address_of_a_page_of_a_dataset_leads_to_the_new_one(app, create, page):
    former, name = renamed(create)
    answer = get(app, f"/dataset/{page}/{former}?a=b")
    assert answer.status_code == 301
    assert answer.location.endswith(f"/dataset/{page}/{name}?a=b")


def test_the_language_of_the_address_stays(app, create):
    former, name = renamed(create)
    assert get(app, f"/en/dataset/{former}").location.endswith(f"/en/dataset/{name}")


def test_every_former_name_leads_to_the_newest(app, create):
    former, between = renamed(create)
    name = new_name()
    call_action("package_patch", id=between, name=name)
    for old in (former, between):
        assert get(app, f"/dataset/{old}").location.endswith(f"/dataset/{name}")


def test_a_new_dataset_may_take_a_former_name(app, create):
    former, _ = renamed(create)
    create(name=former)
    assert get(app, f"/dataset/{former}").status_code == 200


def test_nobody_learns_the_name_of_a_private_dataset(app, create, officer):
    former, name = renamed(create, private=True)
    assert get(app, f"/dataset/{former}").status_code == 404
    seen = get(app, f"/dataset/{former}", headers=officer)
    assert seen.status_code == 301
    assert seen.location.endswith(name)
    assert "no-store" in seen.headers["Cache-Control"]


def test_a_deleted_dataset_is_not_led_to(app, create):
    former, name = renamed(create)
    call_action("package_delete", id=name)
    assert get(app, f"/dataset/{former}").status_code == 404


def test_a_name_that_nobody_had_is_not_found(app):
    assert get(app, f"/dataset/{new_name()}").status_code == 404


@pytest.mark.parametrize("kind", ["organization", "group"])
@pytest.mark.parametrize("page", ["", "about/"])
def test_an_old_address_of_an_organisation_or_group_leads_to_the_new_one(app, kind, page):
    made = factories.Organization() if kind == "organization" else factories.Group()
    name = new_name()
    call_action(f"{kind}_patch", id=made["id"], name=name)
    answer = get(app, f"/{kind}/{page}{made['name']}")
    assert answer.status_code == 301
    assert answer.location.endswith(f"/{kind}/{page}{name}")
    other = "group" if kind == "organization" else "organization"
    assert get(app, f"/{other}/{page}{made['name']}").status_code == 404
