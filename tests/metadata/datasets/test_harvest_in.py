"""What ckanext-harvest brings from any portal is stored as it came."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli.db import _run_migrations  # pyright: ignore[reportPrivateUsage] # what `ckan db` runs
from ckan.tests import factories
from ckan.tests.helpers import call_action

from tests.metadata.conftest import new_name
from tests.support.databases import empty_database
from tests.support.loaded import OURS, loaded

CKAN = "ckan_harvester"
PLUGINS = f"{OURS} nd47_dcat dcat harvest ckan_harvester dcat_rdf_harvester"
BINDING = "ckanext.nd47.rules_bind_harvests"
CSV = {"url": "https://xa.example/a.csv", "format": "CSV"}


def extra(key: str, value: str) -> dict[str, Any]:
    return {"extras": [{"key": key, "value": value}]}


METRES = '{"type": "Point", "coordinates": [587654.2, 2325678.9]}'
RECORDS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "no files": {"resources": []},
    "open data without files": {
        "resources": [],
        "sharing_class": "du-lieu-mo",
        "access_rights": "cong-khai",
        "license_id": "cc-by",
    },
    "unknown licence": {"license_id": "giay-phep-cua-tinh"},
    "address as licence": {"license_id": "https://giay-phep.example/1"},
    "open licence": {"license_id": "cc-by"},
    "no description": {"notes": ""},
    "long title": {"title": "Số liệu " * 80},
    "ftp address": {"url": "ftp://so.example/cu"},
    "a person": {"maintainer": "Nguyễn Văn A - 0912 345 678"},
    "file without address": {"resources": [{"url": "", "name": "Trống"}]},
    "file on a share": {"resources": [{"url": "\\\\may1\\a.xls", "format": "bảng tính"}]},
    "Word": {"resources": [{"url": "https://xa.example/a.doc", "format": "Word"}]},
    "size": {"resources": [{**CSV, "size": "12"}]},
    "period of a file": {"resources": [{**CSV, "period": "quý này"}]},
    "unknown frequency": {"frequency": "khi có thay đổi"},
    "frequency in extras": extra("frequency", "khi có thay đổi"),
    "theme in words": {"theme": ["Giáo dục và đào tạo"]},
    "theme as text": extra("theme", "Giáo dục"),
    "wrong day": {"issued": "31/02/2019"},
    "own day": {"modified": "05/04/2020"},
    "contact as text": {"contact": "Phòng Kế hoạch, 1022"},
    "contact in extras": extra("contact", "Phòng Kế hoạch, 1022"),
    "contact with own fields": {"contact": [{"name": "Phòng A", "fax": "1"}]},
    "wrong mailbox": {"contact": [{"email": "sai"}]},
    "period reversed": {"temporal_coverage": [{"start": "2021-12-31", "end": "2020-01-01"}]},
    "metres": extra("spatial", METRES),
    "agency in words": {"responsible_agency": "Ủy ban nhân dân tỉnh"},
    "foreign identifier": {"identifier": "H99-000001"},
    "free extras": extra("so_quyet_dinh", "12/QĐ"),
    "language in words": extra("language", '["tiếng Việt"]'),
}


@pytest.fixture(scope="module")
def loaded_portal() -> Iterator[dict[str, Any]]:
    with loaded(PLUGINS, ckanext__nd47__rules_from="2020-01-01") as wanted:
        empty_database()
        _run_migrations("harvest")
        factories.Organization(title="Tỉnh", identifier="H99")
        yield wanted


@pytest.fixture(autouse=True)
def portal(loaded_portal: dict[str, Any]) -> None:
    tk.config.update(loaded_portal)


@pytest.fixture(scope="module")
def source(loaded_portal: dict[str, Any]) -> dict[str, Any]:
    owner = factories.Organization(title="Sở Thu thập")
    return call_action(
        "harvest_source_create",
        {"user": factories.Sysadmin()["name"]},
        name=new_name(),
        title="Cổng khác",
        url=f"https://{uuid4().hex}.example",
        source_type="ckan",
        owner_org=owner["id"],
    )


def record(source: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    base = {"id": str(uuid4()), "name": new_name(), "title": "Số liệu", "notes": "Mô tả"}
    base["owner_org"] = source["owner_org"]
    return {**base, "resources": [dict(CSV)], **given}


def bring(source: dict[str, Any], content: dict[str, Any], plugin: str = CKAN) -> list[str]:
    """Import one record as the fetch consumer does; return what the job reports."""
    # Imported here: its tables would be among those of every test that any process runs.
    from ckanext.harvest import model as harvest_model

    job = harvest_model.HarvestJob()
    job.source = harvest_model.HarvestSource.get(source["id"])
    job.save()
    brought = harvest_model.HarvestObject(
        guid=content["id"], job=job, content=json.dumps(content, ensure_ascii=False)
    )
    brought.save()
    harvester: Any = p.get_plugin(plugin)
    harvester.import_stage(brought)
    model.Session.commit()
    errors = model.Session.query(harvest_model.HarvestObjectError).filter_by(
        harvest_object_id=brought.id
    )
    return [str(error.message) for error in errors]


def stored(name: str) -> Any:
    model.Session.expire_all()
    return model.Package.get(name)


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("harvester", [CKAN, "dcat_rdf_harvester"])
def test_every_record_is_taken(source, harvester, name):
    content = record(source, RECORDS[name])
    assert bring(source, content, harvester) == []
    assert stored(content["name"]).state == "active"


@pytest.mark.parametrize("name", ["unknown licence", "Word", "own day", "metres", "nothing"])
def test_it_says_what_it_said_and_nothing_more(source, name):
    content = record(source, RECORDS[name])
    assert bring(source, content) == []
    package = stored(content["name"])
    given = {one["key"]: one["value"] for one in content.get("extras", [])}
    fields = {key: content[key] for key in ("modified",) if key in content}
    assert package.extras == {**given, **fields}
    assert (package.license_id or "") == content.get("license_id", "")
    assert [resource.format for resource in package.resources] == [
        one["format"] for one in content["resources"]
    ]
    assert not any(one.mimetype for one in package.resources)


def test_it_is_taken_a_second_time(source):
    content = record(source, RECORDS["unknown frequency"])
    for title in ("Lần một", "Lần hai"):
        changed = {**content, "title": title, "theme": ["lạ"]}
        assert bring(source, changed) == []
        assert stored(content["name"]).title == title


def test_it_is_called_open_only_if_it_says_so(source):
    content = record(source, RECORDS["open licence"])
    bring(source, content)
    said = record(source, {**RECORDS["open licence"], "sharing_class": "du-lieu-mo"})
    bring(source, said)
    found = [
        tk.h.nd47_summary(call_action("package_show", id=one["id"]))["openness"]
        for one in (content, said)
    ]
    assert found == ["published", "open"]


def test_its_gaps_are_advice(source):
    content = record(source, {"notes": ""})
    bring(source, content)
    report = call_action("nd47_rule_check", id=content["id"])
    assert "license_id" in json.dumps(report, default=str)


@pytest.fixture
def binding() -> Iterator[None]:
    tk.config[BINDING] = True
    yield
    tk.config[BINDING] = False


REFUSED = {
    "metres": "extras",
    "unknown frequency": "frequency",
    "contact as text": "contact",
    "open data without files": "resources",
}
"""Field at which a record is refused."""


@pytest.mark.parametrize("name", REFUSED)
def test_with_the_option_rules_bind(source, binding, name):
    content = record(source, RECORDS[name])
    (reported,) = bring(source, content)
    assert reported.startswith("Invalid package with GUID")
    assert f"'{REFUSED[name]}'" in reported
    assert stored(content["name"]) is None


@pytest.mark.usefixtures("binding")
@pytest.mark.parametrize("name", RECORDS)
def test_with_the_option_it_is_taken_or_refused_as_by_hand(source, name):
    content = record(source, {**RECORDS[name], "identifier": ""})
    by_hand: list[str] = []
    try:
        call_action("package_create", **{**content, "id": str(uuid4()), "name": new_name()})
    except tk.ValidationError as error:
        by_hand = sorted(error.error_dict)
    reported = bring(source, content)
    assert bool(reported) == bool(by_hand)
    assert all(f"'{field}'" in reported[0] for field in by_hand)


@pytest.mark.parametrize("name", REFUSED)
def test_others_are_checked_as_ever(source, name):
    with pytest.raises(tk.ValidationError) as refused:
        call_action("package_create", **record(source, RECORDS[name]))
    assert REFUSED[name] in refused.value.error_dict


def test_a_dataset_that_does_not_claim_to_be_open_needs_no_files(source, binding):
    content = record(source, RECORDS["no files"])
    assert bring(source, content) == []
    call_action("package_create", **record(source, RECORDS["no files"]))
