"""One way to read a dataset: what its fields mean once defaults and agencies are considered.

Works on the dictionary of `package_show`, whichever schema the portal uses: pages, rules, exports
and citations read through here and not from the schema file.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from ckanext.nd47 import vocabulary
from ckanext.nd47.metadata import agency, values

Dataset = Mapping[str, Any]
Openness = Literal["open", "published", "shared", "closed"]
"""What Công văn 2051/BTTTT-THH wants users to be told: open data, published but not open data,
data shared between agencies, or not public."""

OPEN_CLASS = "du-lieu-mo"
SHARED_CLASSES = frozenset({"du-lieu-dung-chung", "du-lieu-chu-chuyen-nganh"})
PUBLIC = "cong-khai"
NOT_PUBLIC = "khong-duoc-cong-khai"
DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?")


def text(dataset: Dataset, field: str) -> str:
    """Return a field as text, also where a plain CKAN schema keeps it among the extras."""
    value = _raw(dataset, field)
    return value if isinstance(value, str) else ""


def codes(dataset: Dataset, field: str) -> list[str]:
    """Return a field with several values as a list; one value or a JSON list counts as one."""
    value = _raw(dataset, field)
    if isinstance(value, str):
        value = _json(value, [value] if value else [])
    if isinstance(value, str):
        value = [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def groups(dataset: Dataset, field: str) -> list[dict[str, Any]]:
    """Return the groups of subfields of a field, those without any value left out."""
    value = _raw(dataset, field)
    if isinstance(value, str):
        value = _json(value, [])
    if isinstance(value, Mapping):
        value = [value]
    found = value if isinstance(value, list) else []
    return [dict(group) for group in found if isinstance(group, Mapping) and any(group.values())]


def openness(dataset: Dataset) -> Openness:
    """Say what kind of data this is, from sharing class, disclosure and licence.

    A dataset without our fields, made under another schema, is open when its licence is.
    """
    disclosure = text(dataset, "access_rights")
    sharing = text(dataset, "sharing_class")
    if disclosure == NOT_PUBLIC or sharing == "du-lieu-dung-rieng":
        return "closed"
    if sharing in SHARED_CLASSES:
        return "shared"
    if sharing == OPEN_CLASS or not sharing:
        openly = disclosure in {PUBLIC, ""} and dataset.get("isopen") is True
        return "open" if openly else "published"
    return "published"


def provider(dataset: Dataset) -> agency.Agency | None:
    """Return the agency that provides the data: the owner organisation."""
    return agency.get(dataset.get("owner_org"))


def responsible(dataset: Dataset) -> agency.Agency | None:
    """Return the agency that answers for the data: as given, else the one above the provider."""
    return agency.get(text(dataset, "responsible_agency")) or agency.top_parent(
        dataset.get("owner_org")
    )


def contacts(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the focal points: as given, else what the provider or its parents give."""
    given = groups(dataset, "contact")
    if given:
        return given
    for one in (provider(dataset), responsible(dataset)):
        if one and (one.email or one.telephone):
            own = {"name": one.title, "email": one.email, "telephone": one.telephone}
            return [{key: value for key, value in own.items() if value}]
    # Fields of plain CKAN
    name = text(dataset, "maintainer") or text(dataset, "author")
    email = text(dataset, "maintainer_email") or text(dataset, "author_email")
    plain = {"name": name, "email": email}
    return [{key: value for key, value in plain.items() if value}] if name or email else []


def updated(dataset: Dataset) -> str:
    """Return the day of the last update of the data: as given, else of the last change."""
    try:
        return values.date(text(dataset, "modified"))
    except ValueError:
        return day_in_vietnam(text(dataset, "metadata_modified"))


def day_in_vietnam(moment: str) -> str:
    """Return the day in Vietnam of a moment that CKAN noted, in UTC without saying so."""
    try:
        noted = dt.datetime.fromisoformat(moment.replace("Z", "+00:00"))
    except ValueError:
        return ""
    if noted.tzinfo is None:
        noted = noted.replace(tzinfo=dt.timezone.utc)
    return noted.astimezone(values.VIETNAM).date().isoformat()


def next_update(dataset: Dataset) -> dt.date | None:
    """Return the day by which the data are to be updated, None where nothing falls due.

    It is the last update plus the period of the frequency; a year or month counts from its end.
    """
    term = vocabulary.term("frequency", text(dataset, "frequency"))
    last = updated(dataset)
    if not term or not term["period"] or not last:
        return None
    found = DURATION.fullmatch(term["period"])
    years, months, days = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    return _add_months(_last_day(last), years * 12 + months) + dt.timedelta(days=days)


def _last_day(day: str) -> dt.date:
    parts = [int(part) for part in day.split("-")]
    if len(parts) == 1:
        return dt.date(parts[0], 12, 31)
    if len(parts) == 2:  # noqa: PLR2004 - a year and a month
        return _add_months(dt.date(parts[0], parts[1], 1), 1) - dt.timedelta(days=1)
    return dt.date(parts[0], parts[1], parts[2])


def _add_months(day: dt.date, months: int) -> dt.date:
    month = day.month - 1 + months
    first = dt.date(day.year + month // 12, month % 12 + 1, 1)
    following = dt.date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first.replace(day=min(day.day, (following - first).days))


def _raw(dataset: Dataset, field: str) -> Any:
    if field in dataset:
        return dataset[field]
    extras = dataset.get("extras") or []
    return next((extra.get("value") for extra in extras if extra.get("key") == field), None)


def _json(value: str, otherwise: Any) -> Any:
    try:
        parsed = json.loads(value)
    except ValueError:
        return otherwise
    return parsed if isinstance(parsed, (list, dict)) else otherwise
