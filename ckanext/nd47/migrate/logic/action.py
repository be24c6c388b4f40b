"""Actions that bring old datasets in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.agencies.logic import organisation_fields
from ckanext.nd47.lib import inputs
from ckanext.nd47.migrate import look, mapping, plan, proposal, reports, run, targets
from ckanext.nd47.migrate import model as tables
from ckanext.nd47.migrate.model import Run

__all__ = [
    "nd47_migrate_apply",
    "nd47_migrate_look",
    "nd47_migrate_map",
    "nd47_migrate_rehearse",
    "nd47_migrate_report",
    "nd47_migrate_status",
    "nd47_migrate_undo",
]

MAX_LISTED = 1_000
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
    max_values = inputs.number(data_dict, "values", look.SHOWN_VALUES, look.MAX_VALUES)
    return {"datasets": look.count_datasets(), "sources": look.list_sources(max_values)}


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
    return proposal.propose(schema=inputs.flag(data_dict, "schema"))


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
    _map_text, migration_map = _read_map(data_dict)
    corrections = _read_corrections(data_dict)
    owner_org = _organisation_id(data_dict)
    listed_datasets: list[reports.RehearsedDataset] = []

    def collected() -> Iterable[reports.RehearsedDataset]:
        for dataset in reports.rehearse(migration_map, corrections, owner_org):
            if len(listed_datasets) < MAX_LISTED:
                listed_datasets.append(dataset)
            yield dataset

    total, agencies = reports.summaries(iter(collected()))
    return {
        "total": total.as_dict(),
        "agencies": {agency_id: summary.as_dict() for agency_id, summary in agencies.items()},
        "datasets": listed_datasets,
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
    if inputs.flag(data_dict, "resume"):
        migration_run = run.unfinished()
        if migration_run is None:
            raise tk.ObjectNotFound(tk._("There is no unfinished run."))
    else:
        map_text, _migration_map = _read_map(data_dict)
        user_id = organisation_fields.user_id(context)
        try:
            migration_run = run.begin(map_text, _read_corrections(data_dict), user_id)
        except run.BusyError as error:
            raise tk.ValidationError({"message": [str(error)]}) from error
    if inputs.flag(data_dict, "job", default=True):
        tk.enqueue_job(run.work, [migration_run.id], title=f"nd47 migrate {migration_run.id}")
    return _as_dict(migration_run)


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
    run_id = _text_parameter(data_dict, "run") or _newest_run_id()
    dataset_id = ""
    if reference := _text_parameter(data_dict, "dataset"):
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
def nd47_migrate_report(context: Context, data_dict: DataDict) -> list[reports.UnmetRule]:
    """List what is still missing, by agency.

    :param organization: name or id of an organisation, for its datasets only (optional)
    :type organization: string
    :returns: for each rule that a dataset does not meet: agency, dataset, title, level, rule,
        field, message, remedy and legal basis
    :rtype: list of dictionaries
    """
    tk.check_access("nd47_migrate_report", context, data_dict)
    return list(reports.unmet_rules(_organisation_id(data_dict)))


@tk.side_effect_free
def nd47_migrate_status(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Say how far the runs are.

    :returns: `working`, whether a process is at work now, and the `runs`, the newest first
    :rtype: dictionary
    """
    tk.check_access("nd47_migrate_status", context, data_dict)
    tables.require()
    return {
        "working": run.is_working(),
        "runs": [_as_dict(migration_run) for migration_run in run.runs()],
    }


def _as_dict(migration_run: Run) -> dict[str, Any]:
    return {
        "id": migration_run.id,
        "state": migration_run.state,
        "total": migration_run.total,
        "done": migration_run.done,
        "started": migration_run.started.isoformat(),
        "finished": migration_run.finished.isoformat() if migration_run.finished else None,
    }


def _newest_run_id() -> str:
    for migration_run in run.runs():
        if migration_run.state != tables.UNDONE:
            return migration_run.id
    raise tk.ObjectNotFound(tk._("There is no such run."))


def _read_map(data_dict: DataDict) -> tuple[str, mapping.Map]:
    map_text = tk.get_or_bust(data_dict, "map")
    if not isinstance(map_text, str):
        raise tk.ValidationError({"map": [tk._("Give the map as a text.")]})
    try:
        return map_text, mapping.parse(map_text)
    except mapping.MapError as error:
        raise tk.ValidationError({"map": [str(error)]}) from error


def _read_corrections(data_dict: DataDict) -> plan.Corrections:
    submitted: Any = data_dict.get("corrections") or {}
    if not isinstance(submitted, dict):
        raise tk.ValidationError({"corrections": [_corrections_message()]})
    corrections: dict[str, dict[str, tuple[str, str]]] = {}
    for dataset_id, fields in submitted.items():
        if not isinstance(fields, dict) or not all(
            _is_correction(path, values) for path, values in fields.items()
        ):
            raise tk.ValidationError({"corrections": [_corrections_message()]})
        corrections[str(dataset_id)] = {
            path: (values[0], values[1]) for path, values in fields.items()
        }
    return corrections


def _is_correction(path: Any, values: Any) -> bool:
    target = targets.known_targets().get(path) if isinstance(path, str) else None
    return (
        target is not None
        and target.kind != "group"
        and isinstance(values, (list, tuple))
        and len(values) == 2  # noqa: PLR2004 - before and after
        and all(isinstance(value, str) and inputs.storable(value) for value in values)
    )


def _corrections_message() -> str:
    return tk._("Give corrections by dataset and field, each as the value now and the new value.")


def _text_parameter(data_dict: DataDict, name: str) -> str:
    value = data_dict.get(name) or ""
    if not isinstance(value, str) or not inputs.storable(value):
        raise tk.ValidationError({name: [tk._("Give a text.")]})
    return value


def _organisation_id(data_dict: DataDict) -> str:
    reference = _text_parameter(data_dict, "organization")
    if not reference:
        return ""
    group = model.Group.get(reference)
    if group is None or not group.is_organization:
        raise tk.ObjectNotFound(tk._("There is no such agency on this portal."))
    return group.id
