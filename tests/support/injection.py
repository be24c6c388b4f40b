"""A portal where every text that users can set contains markup, and the pages that show it.

`tests/suite/test_injection.py` reads the pages as the server sends them,
`tests/browser/test_injection.py` as a browser renders them. An element with the attribute
`data-injected` was created by a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bs4 import BeautifulSoup

ATTRIBUTE = "data-injected"
SUM = 7919 * 7907
"""The output of Jinja if the text were rendered as a template."""

VIEWS = (
    *("datatables_view", "text_view"),
    *("nd47_chart_view", "nd47_map_view", "nd47_document_view"),
)
"""Views that a file gets."""

Action = Callable[..., Any]


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
