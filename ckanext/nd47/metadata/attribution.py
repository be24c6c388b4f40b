"""The sentence by which a dataset is to be cited.

Citing is a duty of the user: Law 20/2023/QH15, Article 43(5), and before it Decree 47/2020,
Article 18(2). Neither gives a form, so the form is the portal's.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from typing import Any

from ckanext.nd47 import config
from ckanext.nd47.metadata import licence, record

PLACES = frozenset({"agency", "title", "identifier", "url", "date", "license"})


def sentence(dataset: record.Dataset) -> str:
    """Return the sentence for a dataset: its own, else by the template of the portal."""
    own = record.text(dataset, "attribution")
    return own or fill(config.attribution_template(), facts(dataset))


def facts(dataset: record.Dataset) -> dict[str, str]:
    """Return what the places of the template stand for."""
    who = record.responsible(dataset) or record.provider(dataset)
    return {
        "agency": who.title if who else "",
        "title": record.text(dataset, "title") or record.text(dataset, "name"),
        "identifier": record.text(dataset, "identifier"),
        "url": f"{config.site_base()}/dataset/{dataset.get('name', '')}",
        "date": day_first(record.updated(dataset)),
        "license": licence.title_of(dataset),
    }


def fill(template: str, places: Mapping[str, Any]) -> str:
    """Fill a template; a place with nothing to say goes with the punctuation after it.

    Raises:
        ValueError: the template names an unknown place.
    """
    unknown = {name for _, name, _, _ in string.Formatter().parse(template) if name} - PLACES
    if unknown:
        msg = f"unknown places in the attribution template: {', '.join(sorted(unknown))}"
        raise ValueError(msg)
    for name in PLACES:
        if not places.get(name):
            template = re.sub(rf"[“\"(]?\{{{name}\}}[”\")]?[,;.]?\s*", "", template)
    filled = template.format_map(places)
    return re.sub(r"[,;]\s*(?=[.]|$)", "", filled).strip()


def day_first(day: str) -> str:
    """Return an ISO date in the Vietnamese order: 31/12/2024, 12/2024 or 2024."""
    return "/".join(reversed(day.split("-")))
