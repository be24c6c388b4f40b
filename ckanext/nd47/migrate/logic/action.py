"""Actions that bring old datasets in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.agencies import organisation_fields
from ckanext.nd47.lib import inputs
from ckanext.nd47.migrate import look, mapping, plan, proposal, rehearse, report, run
from ckanext.nd47.migrate import model as tables
from ckanext.nd47.migrate.model import Run
from ckanext.nd47.migrate.targets import known

__all__ = [
    "nd47_migrate_apply",
    "nd47_migrate_look",
    "nd47_migrate_map",
    "nd47_migrate_rehearse",
    "nd47_migrate_report",
    "nd47_migrate_status",
    "nd47_migrate_undo",
]

MOST_LISTED = 1_000
"""Datasets whose changes an answer lists; its sums are of all."""


@tk.side_effect_free
def nd47_migrate_look(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Say what the datasets of the portal have: columns, extras, keywords and groups.

    :param values: how many values of each to list (optional, default 20, at most 1000)
    :type values: int
    :returns: `datasets`, their number, and `sources`: of each its name, kind, number of datasets,
        number of distinct values, the most frequent values with their numbers, whether it is a
        field of the schema (`own`), and the `field` that it may be, with `sure`
    :rtype: dictionary
    """
    tk.check_access("nd47_migrate_look", context, data_dict)
    most = inputs.number(data_dict, "values", look.MOST_VALUES, look.ALL_VALUES)
    return {"datasets": look.total(), "sources": look.look(most)}


@tk.side_effect_free
def nd47_migrate_map(context: Context, data_dict: DataDict) -> str:
    """Propose a map for what the datasets have.

    :param schema: also say which fields of the portal's own schema are read as fields of the suite
        (optional, default false)
    :type schema: bool
    :returns: the map, as YAML with comments
    :rtype: string
    """
    tk.check_access("nd47_migrate_map", context, data_dict)
    return proposal.propose(schema=tk.asbool(data_dict.get("schema") or False))


def nd47_migrate_rehearse(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Say what a map would do; nothing is changed.

    :param map: the map, as YAML
    :type map: string
    :param corrections: what agencies corrected: by id of the dataset and field, the value now and
        the new value (optional)
    :type corrections: dictionary
    :param organization: name or id of an organisation, for its datasets only (optional)
    :type organization: string
    :returns: `total`, `agencies`: of each the score and the unmet rules before and after; and
        `datasets`, the first thousand with what changes, what was not read and the unmet rules
    :rtype: dictionary
    """
    tk.check_access("nd47_migrate_rehearse", context, data_dict)
    _written, mapped = _map(data_dict)
    corrections = _corrections(data_dict)
    owner_org = _organisation(data_dict)
    listed: list[rehearse.Rehearsed] = []

    def noted() -> Iterable[rehearse.Rehearsed]:
        for one in rehearse.rehearse(mapped, corrections, owner_org):
            if len(listed) < MOST_LISTED:
                listed.append(one)
            yield one

    whole, agencies = rehearse.summaries(iter(noted()))
    return {
        "total": whole.as_dict(),
        "agencies": {name: one.as_dict() for name, one in agencies.items()},
        "datasets": listed,
    }


def nd47_migrate_apply(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Begin a run over all datasets, or let an unfinished one go on, as a background job.

    :param map: the map, as YAML
    :type map: string
    :param corrections: as for `nd47_migrate_rehearse` (optional)
    :type corrections: dictionary
    :param resume: let the unfinished run go on; no map is needed (optional, default false)
    :type resume: bool
    :param job: leave the work to a background job (optional, default true); without it, the run is
        only noted
    :type job: bool
    :returns: the run: `id`, `state`, `total`, `done`
    :rtype: dictionary
    """
    tk.check_access("nd47_migrate_apply", context, data_dict)
    tables.require()
    if tk.asbool(data_dict.get("resume") or False):
        found = run.unfinished()
        if found is None:
            raise tk.ObjectNotFound(tk._("There is no unfinished run."))
    else:
        written, _mapped = _map(data_dict)
        user_id = organisation_fields.user_id(context)
        try:
            found = run.begin(written, _corrections(data_dict), user_id)
        except run.BusyError as error:
            raise tk.ValidationError({"message": [str(error)]}) from error
    if tk.asbool(data_dict.get("job", True)):
        tk.enqueue_job(run.work, [found.id], title=f"nd47 migrate {found.id}")
    return _as_dict(found)


def nd47_migrate_undo(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Give datasets back what they had before a run; values that were edited since stay.

    :param run: id of the run (optional, default: the newest that is not undone)
    :type run: string
    :param dataset: name or id of one dataset (optional, default: all)
    :type dataset: string
    :returns: the `run`, and how many values were `returned` and `kept`
    :rtype: dictionary
    """
    tk.check_access("nd47_migrate_undo", context, data_dict)
    tables.require()
    run_id = _text(data_dict, "run") or _newest()
    dataset_id = ""
    if reference := _text(data_dict, "dataset"):
        package = model.Package.get(reference)
        if package is None:
            raise tk.ObjectNotFound(tk._("There is no such dataset."))
        dataset_id = package.id
    try:
        returned, kept = run.undo(run_id, dataset_id)
    except run.BusyError as error:
        raise tk.ValidationError({"message": [str(error)]}) from error
    return {"run": run_id, "returned": returned, "kept": kept}


@tk.side_effect_free
def nd47_migrate_report(context: Context, data_dict: DataDict) -> list[report.Missing]:
    """List what is still missing, by agency.

    :param organization: name or id of an organisation, for its datasets only (optional)
    :type organization: string
    :returns: for each rule that a dataset does not meet: agency, dataset, title, level, rule,
        field, message, remedy and legal basis
    :rtype: list of dictionaries
    """
    tk.check_access("nd47_migrate_report", context, data_dict)
    return list(report.missing(_organisation(data_dict)))


@tk.side_effect_free
def nd47_migrate_status(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Say how far the runs are.

    :returns: `working`, whether a process is at work now, and the `runs`, the newest first
    :rtype: dictionary
    """
    tk.check_access("nd47_migrate_status", context, data_dict)
    tables.require()
    return {"working": run.is_worked_at(), "runs": [_as_dict(one) for one in run.runs()]}


def _as_dict(one: Run) -> dict[str, Any]:
    return {
        "id": one.id,
        "state": one.state,
        "total": one.total,
        "done": one.done,
        "started": one.started.isoformat(),
        "finished": one.finished.isoformat() if one.finished else None,
    }


def _newest() -> str:
    for one in run.runs():
        if one.state != tables.UNDONE:
            return one.id
    raise tk.ObjectNotFound(tk._("There is no such run."))


def _map(data_dict: DataDict) -> tuple[str, mapping.Map]:
    written = tk.get_or_bust(data_dict, "map")
    if not isinstance(written, str):
        raise tk.ValidationError({"map": [tk._("Give the map as a text.")]})
    try:
        return written, mapping.parse(written)
    except mapping.MapError as error:
        raise tk.ValidationError({"map": [str(error)]}) from error


def _corrections(data_dict: DataDict) -> plan.Corrections:
    given: Any = data_dict.get("corrections") or {}
    if not isinstance(given, dict):
        raise tk.ValidationError({"corrections": [_no_corrections()]})
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for dataset_id, fields in given.items():
        if not isinstance(fields, dict) or not all(
            _is_correction(path, both) for path, both in fields.items()
        ):
            raise tk.ValidationError({"corrections": [_no_corrections()]})
        found[str(dataset_id)] = {path: (both[0], both[1]) for path, both in fields.items()}
    return found


def _is_correction(path: Any, both: Any) -> bool:
    target = known().get(path) if isinstance(path, str) else None
    return (
        target is not None
        and target.kind != "group"
        and isinstance(both, (list, tuple))
        and len(both) == 2  # noqa: PLR2004 - before and after
        and all(isinstance(one, str) and inputs.storable(one) for one in both)
    )


def _no_corrections() -> str:
    return tk._("Give corrections by dataset and field, each as the value now and the new value.")


def _text(data_dict: DataDict, name: str) -> str:
    value = data_dict.get(name) or ""
    if not isinstance(value, str) or not inputs.storable(value):
        raise tk.ValidationError({name: [tk._("Give a text.")]})
    return value


def _organisation(data_dict: DataDict) -> str:
    reference = _text(data_dict, "organization")
    if not reference:
        return ""
    group = model.Group.get(reference)
    if group is None or not group.is_organization:
        raise tk.ObjectNotFound(tk._("There is no such agency on this portal."))
    return group.id
