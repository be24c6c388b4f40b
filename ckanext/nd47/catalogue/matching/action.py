"""Actions on items and datasets: which belong together, and which miss the other."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue.items import listing
from ckanext.nd47.catalogue.logic import rights, schema
from ckanext.nd47.catalogue.matching import candidates, gaps, links
from ckanext.nd47.catalogue.records import model as tables
from ckanext.nd47.catalogue.records import stored
from ckanext.nd47.catalogue.records.model import Item

__all__ = [
    "nd47_catalogue_gaps",
    "nd47_catalogue_link",
    "nd47_catalogue_match",
    "nd47_catalogue_of_dataset",
    "nd47_catalogue_unlink",
]

PAGE = 25
_PACKAGE: Any = model.Package


@tk.side_effect_free
def nd47_catalogue_match(context: Context, data_dict: DataDict) -> candidates.MatchPage:
    """Return the items of a catalogue without a dataset, with datasets that may be meant.

    :param catalogue: id or name of the edition
    :type catalogue: string
    :param q: words of the item (optional)
    :type q: string
    :param provider: id of the providing agency (optional)
    :type provider: string
    :param limit: items to return (optional, default: 25, at most 1,000)
    :type limit: int
    :param offset: items before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`, each with `item` and `candidates`: at most three datasets with
        `score` (40 to 100) and `reasons`
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_match", context, data_dict)
    tables.require()
    catalogue = stored.catalogue(tk.get_or_bust(data_dict, "catalogue"))
    filters = schema.filters(data_dict, ("q", "provider"))
    limit, offset = schema.page({"limit": PAGE, **data_dict})
    return candidates.page(catalogue.id, filters, limit, offset)


def nd47_catalogue_link(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Link datasets with an item, in all editions.

    :param id: id of the item; with `catalogue` also its `line_id` or its code
    :type id: string
    :param catalogue: id or name of the edition (optional)
    :type catalogue: string
    :param datasets: ids or names of datasets
    :type datasets: list of strings

    :returns: as `nd47_catalogue_item_show`
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_link", context, data_dict)
    tables.require()
    item = _item(data_dict)
    chosen = schema.ids(data_dict, "datasets")
    packages = _packages(chosen)
    for package in packages:
        tk.check_access("package_show", Context(user=context.get("user") or ""), {"id": package.id})
    links.link(rights.of(context).user_id, item, packages)
    return listing.one(stored.item(item.id), officers=True)


def nd47_catalogue_unlink(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Unlink a dataset from an item, in all editions.

    :param id: id of the item; with `catalogue` also its `line_id` or its code
    :type id: string
    :param catalogue: id or name of the edition (optional)
    :type catalogue: string
    :param datasets: id or name of the dataset; of a purged one its id
    :type datasets: list of strings

    :returns: as `nd47_catalogue_item_show`
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_unlink", context, data_dict)
    tables.require()
    item = _item(data_dict)
    chosen = schema.ids(data_dict, "datasets")
    named = model.Session.scalars(sa.select(_PACKAGE.id).where(_PACKAGE.name.in_(chosen)))
    links.unlink(rights.of(context).user_id, item, [*chosen, *named])
    return listing.one(stored.item(item.id), officers=True)


@tk.side_effect_free
def nd47_catalogue_gaps(context: Context, data_dict: DataDict) -> gaps.GapPage:
    """Return what catalogues in force list and nobody published, or the other way round.

    :param view: `unpublished` (items without a public dataset) or `unlisted` (public datasets that
        no catalogue in force lists) (optional, default: `unpublished`)
    :type view: string
    :param agency: id or name of an agency (optional)
    :type agency: string
    :param q: words of the item or of the title of the dataset (optional)
    :type q: string
    :param limit: rows to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: rows before the page (optional, default: 0)
    :type offset: int

    :returns: `count` of this view, the numbers `unpublished` and `unlisted`, and `results`
    :rtype: dictionary
    """
    tk.check_access("nd47_catalogue_gaps", context, data_dict)
    tables.require()
    view = schema.choice(data_dict, "view", gaps.VIEWS, gaps.UNPUBLISHED)
    filters = schema.filters(data_dict, ("q", "agency"))
    if "agency" in filters:
        agency = directory.cached().get_any(filters["agency"])
        filters["agency"] = agency.id if agency else filters["agency"]
    limit, offset = schema.page(data_dict)
    return gaps.page(view, filters, limit, offset)


@tk.side_effect_free
def nd47_catalogue_of_dataset(context: Context, data_dict: DataDict) -> list[links.ListedDict]:
    """Return where catalogues in force list a dataset, with their decisions.

    :param id: id or name of the dataset
    :type id: string

    :returns: for each item `catalogue_name`, `catalogue_title`, `decision_number`,
        `decision_date`, `decision_url`, `issuer`, `line_id`, `item_code` and `item_name`
    :rtype: list of dictionaries
    """
    tk.check_access("nd47_catalogue_of_dataset", context, data_dict)
    tables.require()
    package = model.Package.get(schema.line(data_dict, "id", required=True))
    if package is None:
        raise tk.ObjectNotFound(tk._("Dataset not found"))
    return links.of_datasets([package.id])


def _item(data_dict: DataDict) -> Item:
    reference = tk.get_or_bust(data_dict, "id")
    catalogue = data_dict.get("catalogue")
    return stored.item(reference, stored.catalogue(catalogue).id if catalogue else "")


def _packages(references: list[str]) -> list[model.Package]:
    table: Any = model.Package
    query = sa.select(table).where(
        sa.or_(table.id.in_(references), table.name.in_(references)),
        table.state != model.State.DELETED,
    )
    packages = list(model.Session.scalars(query))
    known = {package.id for package in packages} | {package.name for package in packages}
    missing = next((reference for reference in references if reference not in known), "")
    if missing:
        message = tk._("There is no dataset “{name}”.")
        raise stored.invalid("datasets", message.format(name=missing[:80]))
    return packages
