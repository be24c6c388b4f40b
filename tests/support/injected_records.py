"""Records in which every text that users can set contains markup."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import uuid4

from ckanext.nd47.lib.data import data_path, read_yaml
from tests.support.injection import Action, Poisoned, text

GIVEN = {
    "dataset": frozenset({"name", "owner_org", "private", "tag_string"}),
    "resource": frozenset({"url", "format"}),
}
"""Fields of the schema with a specific value here."""


AGENCY = ("legal_name", "short_name", "title_en", "address")
ITEM = ("name", "code", "description", "group_title", "provider", "stage", "basis", "focal_point")
"""Fields of an item of a catalogue."""


PERSON = ("full_name", "position", "function", "document_number")


def poison(action: Action, refusal: type[Exception]) -> Poisoned:
    """Create records with markup in every text that is accepted.

    Args:
        action: calls an action as a system administrator, by name and keywords; raises `refusal`,
            with the errors in `error_dict`, if a value is refused.
        refusal: that exception.
    """
    records = _agency(action, refusal)
    _dataset(action, refusal, records)
    records.user = f"ten-{uuid4().hex[:8]}"
    action(
        "user_create",
        name=records.user,
        email=f"{records.user}@tinh.example",
        password=uuid4().hex,
        fullname=text("user.fullname"),
        about=text("user.about"),
    )
    records.group = f"nhom-{uuid4().hex[:8]}"
    action(
        "group_create",
        name=records.group,
        title=text("group.title"),
        description=text("group.about"),
    )
    action(
        "member_create",
        id=records.group,
        object=records.dataset,
        object_type="package",
        capacity="",
    )
    asked = [{"field": "notes", "operation": "set", "value": text("change.notes")}]
    records.run = action("nd47_bulk_preview", datasets=[records.dataset], changes=asked)["id"]
    sent = csv_table(
        ["Tên bộ dữ liệu", "Đường dẫn", "Tần suất cập nhật", text("column")],
        ["", records.dataset, text("table.frequency"), ""],
        [text("table.title"), "", "", ""],
    )
    records.table = action("nd47_spreadsheet_preview", upload=io.BytesIO(sent))["id"]
    _catalogue(action, records)
    _plan(action, records)
    return records


def csv_table(*rows: list[str]) -> bytes:
    """Return a table as CSV."""
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    return target.getvalue().encode()


def _agency(action: Action, refusal: type[Exception]) -> Poisoned:
    name = f"co-quan-{uuid4().hex[:8]}"
    records = Poisoned(name)
    officer = {"agency": name, "role": "feedback", "email": "a@tinh.example"}
    for kind, call, fields, required in (
        ("agency", "organization_create", ("title", "description"), {"name": name}),
        ("agency", "nd47_agency_update", AGENCY, {"id": name}),
        ("focal_point", "nd47_focal_point_create", PERSON, officer),
    ):
        optional = {name: text(f"{kind}.{name}") for name in fields}
        accepted, result = _accepted(partial(action, call), refusal, optional, required)
        records.stored |= {f"{kind}.{name}" for name in accepted}
        records.officer = result["id"]
    return records


def _catalogue(action: Action, records: Poisoned) -> None:
    """Create an issued catalogue, and a draft of the next edition with a proposal."""
    made = action(
        "nd47_catalogue_create",
        title=text("catalogue.title"),
        description=text("catalogue.description"),
        kind="province",
        agency=records.agency,
    )
    item = action(
        "nd47_catalogue_item_create",
        catalogue=made["id"],
        provider_id=records.agency,
        columns=[{"name": text("column"), "aliases": [text("alias")]}],
        **{name: text(f"item.{name}") for name in ITEM},
    )
    action("nd47_catalogue_link", id=item["id"], datasets=[records.dataset])
    given = {name: text(name) for name in ("decision_number", "issuer", "signatory")}
    action("nd47_catalogue_propose", id=made["id"])
    action("nd47_catalogue_issue", id=made["id"], decision_date="05/03/2026", **given)
    action("nd47_catalogue_dispatch", id=made["id"], recipient=text("recipient"), sent="06/03/2026")
    status = {"status": "suspended", "reason": text("reason")}
    action("nd47_catalogue_item_status", id=item["id"], **status)
    draft = action("nd47_catalogue_new_edition", id=made["id"])
    action(
        "nd47_catalogue_item_propose",
        catalogue=draft["id"],
        agency=records.agency,
        id=item["line_id"],
        description=text("proposed"),
        note=text("note"),
    )
    records.catalogue, records.draft, records.line = made["name"], draft["name"], item["line_id"]


def _plan(action: Action, records: Poisoned) -> None:
    """Create an issued plan with an entry that was put off, and send a table for the draft."""
    stage = {"title": text("stage.title"), "minimum_level": text("level")}
    days = {"first_day": "01/01/2026", "last_day": "31/12/2026"}
    made = action(
        "nd47_plan_create",
        agency=records.agency,
        title=text("plan.title"),
        description=text("plan.description"),
        stages=[{**stage, **days}],
        **days,
    )
    action(
        "nd47_catalogue_item_create",
        catalogue=records.draft,
        name=text("planned.name"),
        provider=text("planned.provider"),
        minimum_level=text("planned.level"),
        planned="31/12/2026",
    )
    action("nd47_plan_fill", id=made["id"], catalogues=[records.draft])
    given = {name: text(name) for name in ("decision_number", "issuer", "signatory")}
    action("nd47_plan_issue", id=made["id"], decision_date="05/03/2026", **given)
    entry = action("nd47_plan_entries", id=made["id"])["results"][0]
    action("nd47_plan_slip", id=entry["id"], day="31/12/2027", reason=text("slip"))
    table = _csv_of([{"Tên": text("cell"), text("heading"): text("other")}])
    sent = action("nd47_catalogue_import_preview", id=records.draft, upload=table)
    records.plan, records.entry, records.sent = made["name"], entry["id"], sent["id"]


def _csv_of(rows: list[dict[str, str]]) -> io.BytesIO:
    target = io.StringIO()
    writer = csv.DictWriter(target, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(target.getvalue().encode("utf-8-sig"))


def _dataset(action: Action, refusal: type[Exception], records: Poisoned) -> None:
    schema: Any = read_yaml(data_path("schemas") / "dataset.yaml")
    file = {"url": "https://tep.example/a.csv", "format": "CSV"}
    required = {
        "name": f"bo-{uuid4().hex[:8]}",
        "owner_org": records.agency,
        "extras": [
            {"key": text("extra.key"), "value": text("extra.value")},
            {"key": "Tỷ lệ % (2024) {x}", "value": "50 %"},
            {"key": "{0} %(a)s %", "value": "{}"},
        ],
        "tags": [{"name": "thủy lợi"}],
        "resources": [file],
    }
    optional = _of_schema("dataset", schema["dataset_fields"])
    accepted, result = _accepted(partial(action, "package_create"), refusal, optional, required)
    records.dataset, records.resource = result["id"], result["resources"][0]["id"]
    records.stored |= {f"dataset.{name}" for name in accepted} | {"extra.key", "extra.value"}
    optional = _of_schema("resource", schema["resource_fields"])
    required = {"id": records.resource, **file}
    accepted, _ = _accepted(partial(action, "resource_patch"), refusal, optional, required)
    records.stored |= {f"resource.{name}" for name in accepted}


def _of_schema(start: str, fields: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return a text for each field of a schema, in the shape of the field."""
    values: dict[str, Any] = {}
    for schema_field in fields:
        name = schema_field["field_name"]
        if name in GIVEN[start]:
            continue
        if "repeating_subfields" in schema_field:
            values[name] = [
                {
                    sub["field_name"]: text(f"{start}.{name}.{sub['field_name']}")
                    for sub in schema_field["repeating_subfields"]
                }
            ]
        else:
            values[name] = text(f"{start}.{name}")
    return values


def _accepted(
    call: Callable[..., Any],
    refusal: type[Exception],
    optional: dict[str, Any],
    required: dict[str, Any],
) -> tuple[dict[str, Any], Any]:
    """Call an action without the values that it refuses.

    Returns:
        The accepted values, and the result of the action.
    """
    left = dict(optional)
    while True:
        try:
            return left, call(**left, **required)
        except refusal as error:  # noqa: PERF203 - a few times
            if not _drop(left, error.error_dict):  # type: ignore[attr-defined]
                raise


def _drop(left: dict[str, Any], errors: dict[str, Any]) -> bool:
    """Remove the fields and subfields of an error; return whether there were any."""
    dropped = False
    for name in set(errors) & set(left):
        groups = left[name]
        named = errors[name] if isinstance(errors[name], list) else []
        refused = {
            key for group_errors in named if isinstance(group_errors, dict) for key in group_errors
        }
        if isinstance(groups, list) and refused & set(groups[0]):
            left[name] = [{k: v for k, v in groups[0].items() if k not in refused}]
            dropped = True
        else:
            del left[name]
            dropped = True
    return dropped
