"""Actions that change many datasets."""

from __future__ import annotations

from typing import TypedDict

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import Context, DataDict

from ckanext.nd47.agencies.logic import organisation_fields
from ckanext.nd47.desk.bulk import changes, describe, editable, kinds, schema, selection, values
from ckanext.nd47.desk.bulk import model as tables
from ckanext.nd47.lib import inputs

__all__ = [
    "nd47_bulk_apply",
    "nd47_bulk_list",
    "nd47_bulk_preview",
    "nd47_bulk_show",
    "nd47_bulk_undo",
]

LIST = "list"
"""The kind of run that this module plans."""


class RunList(TypedDict):
    """A page of runs; `count` is the number of all."""

    count: int
    results: list[describe.RunDict]


kinds.register(
    kinds.Kind(code=LIST, title=lambda: tk._("Change of many datasets"), values=values.computed)
)


def nd47_bulk_preview(context: Context, data_dict: DataDict) -> describe.RunPage:
    """Say what a change of many datasets would do; nothing is changed yet.

    More than 20 datasets are checked by a job; the state is `preparing` until then.

    :param datasets: ids or names of datasets
    :type datasets: list of strings
    :param search: instead of `datasets`, all that a search finds and the account edits: words as
        `q`, lists of values by filter of the search page as `filters`
    :type search: dictionary
    :param changes: each with `field`; `operation`, which is `set` or `clear`, for fields with
        several values also `add` or `remove`; and `value`, a text or a list. `private` is set to
        `public` or `private`
    :type changes: list of dictionaries
    :param all_or_nothing: change nothing where one dataset is refused (optional, default: false)
    :type all_or_nothing: bool

    :returns: the run as `nd47_bulk_show` returns it
    :rtype: dictionary
    """
    tk.check_access("nd47_bulk_preview", context, data_dict)
    tables.require()
    flags = inputs.of_kinds(data_dict, all_or_nothing="flag")
    asked = schema.changes_of(data_dict)
    ids, search = schema.chosen(data_dict)
    seen = editable.of(context)
    if search is not None:
        ids = selection.ids(context, seen, search)
        if not ids:
            message = tk._("The search finds no dataset that you may edit.")
            raise tk.ValidationError({"search": [message]})
    else:
        ids = selection.resolved(ids)
    items = (
        changes.PlannedItem(dataset=dataset_id, operation=tables.PATCH, values=None)
        for dataset_id in ids
    )
    run_id = changes.plan(
        context,
        LIST,
        items,
        all_or_nothing=flags.get("all_or_nothing", False),
        request={"changes": asked, "search": search},
    )
    return describe.run_page(run_id, seen, "", schema.PAGE, 0)


def nd47_bulk_apply(context: Context, data_dict: DataDict) -> changes.Progress:
    """Apply a change that was previewed, as a job; or let it go on if its job was killed.

    Each dataset is saved with the permissions that the account has then. One that was changed
    since the preview is refused.

    :param id: id of the run
    :type id: string

    :returns: `state`, `total`, `done`, `counts` by state of the datasets, and `stalled`
    :rtype: dictionary
    """
    tk.check_access("nd47_bulk_apply", context, data_dict)
    run_id = _reference(data_dict)
    if changes.progress(run_id)["state"] in (tables.PREPARING, tables.RUNNING, tables.REVERTING):
        changes.resume(run_id)
    else:
        changes.begin_apply(run_id, organisation_fields.user_id(context))
    return changes.progress(run_id)


def nd47_bulk_undo(context: Context, data_dict: DataDict) -> changes.Progress:
    """Give the datasets of an applied change their former values, as a job.

    A dataset that was changed since is left as it is, and named.

    :param id: id of the run
    :type id: string

    :returns: as for `nd47_bulk_apply`
    :rtype: dictionary
    """
    tk.check_access("nd47_bulk_undo", context, data_dict)
    run_id = _reference(data_dict)
    if changes.progress(run_id)["state"] == tables.UNDOING:
        changes.resume(run_id)
    else:
        changes.begin_undo(run_id, organisation_fields.user_id(context))
    return changes.progress(run_id)


@tk.side_effect_free
def nd47_bulk_show(context: Context, data_dict: DataDict) -> describe.RunPage:
    """Return a change of many datasets with old and new values, rules and refusals by dataset.

    :param id: id of the run
    :type id: string
    :param state: only datasets in this state: `planned`, `done`, `refused`, `skipped`, `undone` or
        `undo-refused` (optional)
    :type state: string
    :param limit: datasets to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: datasets before the page (optional, default: 0)
    :type offset: int

    :returns: the run with `progress`, `count` and `results`; each has `dataset`, `state`,
        `changes` with `old` and `new`, rules newly `unmet` and `met`, and `errors`
    :rtype: dictionary
    """
    tk.check_access("nd47_bulk_show", context, data_dict)
    return describe.run_page(
        _reference(data_dict),
        editable.of(context),
        schema.state(data_dict),
        inputs.number(data_dict, "limit", schema.PAGE, schema.LARGEST_PAGE),
        inputs.number(data_dict, "offset", 0, inputs.LARGEST),
    )


@tk.side_effect_free
def nd47_bulk_list(context: Context, data_dict: DataDict) -> RunList:
    """Return the changes of many datasets that the account asked for, the newest first.

    System administrators see those of all accounts. A change is deleted after 90 days.

    :param limit: changes to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: changes before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`, each with `id`, `title`, `account`, `created`, `summary` and
        `progress`
    :rtype: dictionary
    """
    tk.check_access("nd47_bulk_list", context, data_dict)
    tables.require()
    name = context.get("user") or ""
    everything = authz.is_sysadmin(name) or (context.get("ignore_auth") and not name)
    account = model.User.get(name) if name else None
    account_id = None if everything else account.id if account else "-"
    limit = inputs.number(data_dict, "limit", schema.PAGE, schema.LARGEST_PAGE)
    offset = inputs.number(data_dict, "offset", 0, inputs.LARGEST)
    count, results = describe.runs(account_id, limit, offset)
    return {"count": count, "results": results}


def _reference(data_dict: DataDict) -> str:
    tables.require()
    return tk.get_or_bust(inputs.of_kinds(data_dict, id="text"), "id")
