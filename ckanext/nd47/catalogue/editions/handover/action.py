"""Actions of the national hand-over."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.agencies.logic import organisation_fields
from ckanext.nd47.catalogue.editions.handover import compare, other_side, records, schema
from ckanext.nd47.catalogue.editions.handover import model as tables
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.files.spreadsheets.sheet import LARGEST_FILE

__all__ = [
    "nd47_handover_answer",
    "nd47_handover_compare",
    "nd47_handover_create",
    "nd47_handover_dataset_list",
    "nd47_handover_list",
    "nd47_handover_result",
    "nd47_handover_show",
]

LARGEST_PAGE = 1000


@tk.side_effect_free
def nd47_handover_list(context: Context, data_dict: DataDict) -> records.HandoverList:
    """Return what was sent to the national side, the latest first.

    :param limit: how many to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: how many are before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`, each with what was sent, what came back and `counts` by state
    :rtype: dictionary
    """
    tk.check_access("nd47_handover_list", context, data_dict)
    tables.require()
    return records.listed(*_page(data_dict))


@tk.side_effect_free
def nd47_handover_show(context: Context, data_dict: DataDict) -> records.HandoverDict:
    """Return something that was sent.

    :param id: its id
    :type id: string

    :returns: what was sent, what came back and `counts` of datasets by state
    :rtype: dictionary
    """
    tk.check_access("nd47_handover_show", context, data_dict)
    tables.require()
    return records.shown(_id(data_dict))


@tk.side_effect_free
def nd47_handover_dataset_list(context: Context, data_dict: DataDict) -> records.DatasetPage:
    """Return the datasets that were sent with something.

    :param id: id of what was sent
    :type id: string
    :param state: `sent`, `accepted` or `refused` (optional, default: all)
    :type state: string
    :param limit: datasets to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: datasets before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`, each with `state`, `reason` and `address`
    :rtype: dictionary
    """
    tk.check_access("nd47_handover_dataset_list", context, data_dict)
    tables.require()
    shown = records.shown(_id(data_dict))
    return records.datasets(shown["id"], schema.state(data_dict), *_page(data_dict))


def nd47_handover_create(context: Context, data_dict: DataDict) -> records.HandoverDict:
    """Record that the public datasets were sent to the national side; nothing is sent by this.

    :param way: `annex`, `dcat` or `api`
    :type way: string
    :param sent: day on which it was sent
    :type sent: string
    :param recipient: to whom
    :type recipient: string
    :param document_number: number of the document that it was sent with (optional)
    :type document_number: string
    :param document_date: its date (optional)
    :type document_date: string
    :param note: remarks (optional)
    :type note: string

    :returns: what was sent, as `nd47_handover_show` returns it
    :rtype: dictionary
    """
    tk.check_access("nd47_handover_create", context, data_dict)
    tables.require()
    made = records.create(schema.sending(data_dict), organisation_fields.user_id(context))
    _commit(context)
    return records.shown(made)


def nd47_handover_answer(context: Context, data_dict: DataDict) -> records.HandoverDict:
    """Record what came back.

    :param id: id of what was sent
    :type id: string
    :param version: the version that was read
    :type version: int
    :param answered: day of the answer (optional)
    :type answered: string
    :param answer_number: number of its document (optional)
    :type answer_number: string
    :param answer: what it says (optional)
    :type answer: string

    :returns: what was sent, as `nd47_handover_show` returns it
    :rtype: dictionary
    """
    tk.check_access("nd47_handover_answer", context, data_dict)
    tables.require()
    shown = records.shown(_id(data_dict))
    version = inputs.number(data_dict, "version", 0, inputs.LARGEST)
    user_id = organisation_fields.user_id(context)
    records.change(shown["id"], schema.answer(data_dict), version, user_id)
    _commit(context)
    return records.shown(shown["id"])


def nd47_handover_result(context: Context, data_dict: DataDict) -> records.HandoverDict:
    """Record what the other side says about one dataset.

    :param id: id of what was sent
    :type id: string
    :param dataset: id of the dataset
    :type dataset: string
    :param state: `sent`, `accepted` or `refused`
    :type state: string
    :param reason: why it was refused
    :type reason: string
    :param address: its address on the other portal (optional)
    :type address: string

    :returns: what was sent, as `nd47_handover_show` returns it
    :rtype: dictionary
    """
    tk.check_access("nd47_handover_result", context, data_dict)
    tables.require()
    handover_id = _id(data_dict)
    dataset = tk.get_or_bust(inputs.of_kinds(data_dict, dataset="text"), "dataset")
    records.set_result(handover_id, dataset, *schema.result(data_dict))
    _commit(context)
    return records.shown(handover_id)


def nd47_handover_compare(context: Context, data_dict: DataDict) -> compare.Comparison:
    """Compare what was sent with a list or a feed of the other side.

    :param id: id of what was sent
    :type id: string
    :param upload: a list as CSV or XLSX, or a feed in DCAT (RDF/XML, Turtle or JSON-LD)
    :type upload: file
    :param record: store the states, reasons and addresses (optional, default: false)
    :type record: boolean

    :returns: numbers, and the datasets that are `missing`, `extra`, `renamed` and `changed`
    :rtype: dictionary
    """
    tk.check_access("nd47_handover_compare", context, data_dict)
    tables.require()
    shown = records.shown(_id(data_dict))
    upload: Any = data_dict.get("upload")
    if not hasattr(upload, "read"):
        raise tk.ValidationError({"upload": [tk._("Choose a file.")]})
    entries = other_side.read(upload.read(LARGEST_FILE + 1))
    is_recorded = bool(inputs.of_kinds(data_dict, record="flag").get("record"))
    comparison = compare.compare(shown["id"], entries, record=is_recorded)
    if is_recorded:
        _commit(context)
    else:
        model.Session.rollback()
    return comparison


def _page(data_dict: DataDict) -> tuple[int, int]:
    limit = inputs.number(data_dict, "limit", 50, LARGEST_PAGE)
    return limit, inputs.number(data_dict, "offset", 0, inputs.LARGEST)


def _id(data_dict: DataDict) -> str:
    return tk.get_or_bust(inputs.of_kinds(data_dict, id="text"), "id")


def _commit(context: Context) -> None:
    if not context.get("defer_commit"):
        model.Session.commit()
