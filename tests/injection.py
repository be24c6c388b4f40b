"""A portal where every text that users can set contains markup, and the pages that show it.

`tests/test_injection.py` reads the pages as the server sends them,
`tests/browser/test_injection.py` as a browser renders them. An element with the attribute
`data-injected` was created by a text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from bs4 import BeautifulSoup

from ckanext.nd47.lib.data import data_path, read_yaml

ATTRIBUTE = "data-injected"
SUM = 7919 * 7907
"""The output of Jinja if the text were rendered as a template."""

VIEWS = (
    *("datatables_view", "text_view"),
    *("nd47_chart_view", "nd47_map_view", "nd47_document_view"),
)
"""Views that a file gets."""

Action = Callable[..., Any]
GIVEN = {
    "dataset": frozenset({"name", "owner_org", "private", "tag_string"}),
    "resource": frozenset({"url", "format"}),
}
"""Fields of the schema with a specific value here."""
AGENCY = ("legal_name", "short_name", "title_en", "address")
ITEM = ("name", "code", "description", "group_title", "provider", "stage", "basis", "focal_point")
"""Fields of an item of a catalogue."""

PERSON = ("full_name", "position", "function", "document_number")


def text(place: str) -> str:
    """Return a text that becomes an element wherever it is not escaped.

    Args:
        place: name of the text, to find the template.
    """
    return (
        f"50 %(a)s %d {{0}} {{{{7919*7907}}}} '\"></a></script></textarea></title></style>"
        f"<img {ATTRIBUTE}='{place}' src=x onerror='window.injected=1'>"
    )


@dataclass
class Poisoned:
    """The created records.

    Attributes:
        dataset: id of the dataset.
        resource: id of its file.
        agency: name of its agency.
        officer: id of a focal point of the agency.
        user: name of an account.
        group: name of a group.
        run: id of a change of many datasets.
        table: id of a spreadsheet that was sent.
        catalogue: name of an issued catalogue.
        draft: name of the draft of its next edition.
        line: id of the line of its item.
        sent: id of a table that was read into the draft.
        plan: name of an issued plan.
        entry: id of its entry.
        views: ids of the views of its file.
        stored: names of the fields that accepted the text.
    """

    agency: str
    dataset: str = ""
    resource: str = ""
    officer: str = ""
    user: str = ""
    group: str = ""
    run: str = ""
    table: str = ""
    sent: str = ""
    plan: str = ""
    entry: str = ""
    catalogue: str = ""
    draft: str = ""
    line: str = ""
    views: list[str] = field(default_factory=list)
    stored: set[str] = field(default_factory=set)


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


@dataclass(frozen=True)
class Columns:
    """A table in the DataStore whose columns have such names, labels and values."""

    names: tuple[str, ...] = (
        f"<img {ATTRIBUTE}=column src=x>",
        "%(a)s {{7919*7907}}",
    )

    def make(self, action: Action, resource_id: str) -> list[str]:
        """Create it in the DataStore, with a data dictionary and views; returns their ids."""
        action(
            "datastore_create",
            resource_id=resource_id,
            force=True,
            fields=[
                {
                    "id": name,
                    "type": "text",
                    "info": {"label": text("column.label"), "notes": text("column.notes")},
                }
                for name in self.names
            ],
            records=[{name: text("cell") for name in self.names}],
        )
        return [
            action(
                "resource_view_create",
                resource_id=resource_id,
                view_type=view,
                title=text("view.title"),
                description=text("view.description"),
            )["id"]
            for view in VIEWS
        ]


def addresses(records: Poisoned) -> list[str]:
    """Return the pages that show the records, also with such texts in their queries."""
    query = "?q=" + _quoted(text("query"))
    dataset, resource = (
        f"/dataset/{records.dataset}",
        f"/dataset/{records.dataset}/resource/{records.resource}",
    )
    agency = f"/organization/{records.agency}"
    register = f"/organization/register/{records.agency}"
    return [
        "/",
        "/dataset/",
        f"/dataset/{query}",
        f"/dataset/?tags={_quoted(text('facet'))}&organization={records.agency}",
        f"/dataset/?sort={_quoted(text('sort'))}",
        "/dataset/new",
        dataset,
        f"/dataset/edit/{records.dataset}",
        *(f"/dataset/edit/{records.dataset}/{page}" for page in range(1, 7)),
        f"/dataset/resources/{records.dataset}",
        f"/dataset/groups/{records.dataset}",
        f"/dataset/activity/{records.dataset}",
        f"/dataset/{records.dataset}/resource/new",
        f"/dataset/{records.dataset}/data-history",
        f"/dataset/{records.dataset}/publish",
        f"/dataset/{records.dataset}/new-period",
        resource,
        f"{resource}/edit",
        f"{resource}/check",
        f"{resource}/columns",
        f"{resource}/table",
        f"{resource}/table{query}",
        f"{resource}/places",
        f"{resource}?x={_quoted(text('x'))}&legend={_quoted(text('legend'))}",
        *(f"{resource}?view_id={view}&x={_quoted(text('x'))}" for view in records.views),
        *(f"/embed/{view}?legend={_quoted(text('legend'))}" for view in records.views),
        f"{resource}/check?decision={_quoted(text('filter'))}&basis={_quoted(text('filter'))}",
        "/dataset/new-from-file",
        f"/dataset/{records.dataset}/from-file?proposed=title,{_quoted(text('filter'))}",
        f"{resource}/views",
        f"/dataset/{records.dataset}/dictionary/{records.resource}",
        "/organization/",
        f"/organization/{query}",
        agency,
        f"{agency}{query}",
        f"/organization/about/{records.agency}",
        f"/organization/edit/{records.agency}",
        f"/organization/members/{records.agency}",
        f"/organization/activity/{records.agency}",
        f"/organization/bulk_process/{records.agency}",
        "/organization/new",
        register,
        f"{register}/entry",
        f"{register}/focal-point",
        f"{register}/focal-point/{records.officer}",
        f"{register}/focal-point/{records.officer}/succeed",
        "/focal-points",
        f"/focal-points{query}",
        f"/focal-points?agency={_quoted(text('filter'))}",
        "/focal-points/alerts",
        "/group/",
        f"/group/{records.group}",
        "/user/",
        f"/user/{records.user}",
        f"/user/edit/{records.user}",
        "/dashboard/",
        "/dashboard/datasets",
        "/dashboard/organizations",
        "/vocabulary",
        f"/vocabulary{query}",
        f"/vocabulary/frequency{query}",
        f"/vocabulary/{_quoted(text('vocabulary'), path=True)}",
        f"/vocabulary/frequency/{_quoted(text('term'), path=True)}",
        "/field",
        f"/field/giao-duc{query}",
        f"/field/{_quoted(text('field'), path=True)}",
        f"/work/catalogues/{records.draft}/import",
        f"/work/catalogue-imports/{records.sent}",
        "/plans",
        f"/plans/{records.plan}",
        "/work/plans",
        "/work/plans/new",
        f"/work/plans/{records.plan}",
        f"/work/plans/{records.plan}{query}",
        f"/work/plans/{records.plan}/edit",
        f"/work/plans/entries/{records.entry}",
        "/catalogues",
        f"/catalogues{query}",
        f"/catalogues/{records.catalogue}",
        f"/catalogues/{records.catalogue}{query}",
        f"/catalogues/{records.catalogue}/items/{records.line}",
        "/work/catalogues",
        f"/work/catalogues{query}",
        "/work/catalogues/new",
        f"/work/catalogues/gaps{query}",
        "/work/catalogues/gaps?view=unlisted",
        f"/work/catalogues/{records.catalogue}",
        f"/work/catalogues/{records.draft}{query}",
        f"/work/catalogues/{records.draft}/edit",
        f"/work/catalogues/{records.draft}/compare?other={_quoted(text('other'))}",
        f"/work/catalogues/{records.draft}/history",
        f"/work/catalogues/{records.draft}/matching",
        f"/work/catalogues/{records.draft}/proposals",
        f"/work/catalogues/{records.draft}/items/new",
        f"/work/catalogues/{records.draft}/items/{records.line}",
        "/about",
        "/terms-of-use",
        "/accessibility",
        "/contact",
        "/developers",
        f"/developers/table/{records.resource}",
        "/license/vn-open-data-2023",
        f"/license/{_quoted(text('licence'), path=True)}",
        "/ckan-admin/",
        "/ckan-admin/config",
        "/ckan-admin/trash",
        "/ckan-admin/nd47",
        "/ckan-admin/nd47-dcat",
        f"/ckan-admin/nd47-export?dataset={records.dataset}",
        f"/ckan-admin/nd47-export?dataset={_quoted(text('unknown'))}",
        "/ckan-admin/nd47-doctor",
        "/ckan-admin/nd47-migrate",
        "/ckan-admin/agency-register",
        "/ckan-admin/nd47-work/rules",
        "/ckan-admin/nd47-work/leaders",
        "/ckan-admin/nd47-work/approval",
        "/work/approvals",
        f"/dataset/{records.dataset}/approval",
        "/work",
        f"/work{query}",
        f"/work?agency={records.agency}",
        f"/work?kind={_quoted(text('filter'))}",
        "/work/agencies",
        f"/work/agencies{query}",
        f"/work/datasets{query}",
        f"/work/datasets?tags={_quoted(text('filter'))}&x={_quoted(text('filter'))}",
        f"/work/datasets/changes?dataset={records.dataset}&tags={_quoted(text('filter'))}",
        "/work/changes",
        f"/work/changes/{records.run}",
        f"/work/spreadsheet{query}",
        f"/work/spreadsheet?tags={_quoted(text('filter'))}",
        f"/work/spreadsheet/{records.table}",
        "/work/reports",
        f"/work/reports?agency={records.agency}",
        f"/work/reports?period={_quoted(text('period'))}",
        f"/work/reports/text/{records.agency}",
        "/work/leader",
        "/work/score",
        f"/work/score/datasets?agency={records.agency}",
        f"/work/score/datasets?metric={_quoted(text('metric'))}",
        "/work/handover",
        f"/work/handover/{_quoted(text('handover'), path=True)}",
        f"/dataset/{records.dataset}/quality",
        "/reports",
        "/reports/summary",
        "/work/reminders",
        f"/work/reminders/unsubscribe/{_quoted(text('link'), path=True)}",
        f"/{_quoted(text('lost'), path=True)}",
        f"/dataset/{_quoted(text('unknown'), path=True)}",
        f"/organization/{_quoted(text('unknown'), path=True)}",
    ]


def _quoted(value: str, path: bool = False) -> str:
    return quote(value.replace("/", "") if path else value, safe="")


def injected(page: str) -> list[str]:
    """Return the names of texts that became elements or templates in a page."""
    injections = [
        str(element.get(ATTRIBUTE))
        for element in BeautifulSoup(page, "lxml").select(f"[{ATTRIBUTE}]")
    ]
    if re.search(rf"\b{SUM}\b", page):
        injections.append("template")
    return injections
