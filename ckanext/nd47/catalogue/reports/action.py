"""Actions of reports and scores."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.catalogue.reports import access, leader, schema, texts, trend
from ckanext.nd47.catalogue.reports.data import figures, period
from ckanext.nd47.catalogue.reports.score import metrics, store, todo
from ckanext.nd47.catalogue.reports.usage import model as tables
from ckanext.nd47.lib import inputs

__all__ = [
    "nd47_leader_report_show",
    "nd47_report_show",
    "nd47_report_text_show",
    "nd47_report_text_update",
    "nd47_report_trend",
    "nd47_score_dataset_list",
    "nd47_score_show",
    "nd47_score_summary",
    "nd47_score_todo",
]

LARGEST_PAGE = 1000


@tk.side_effect_free
def nd47_report_show(context: Context, data_dict: DataDict) -> figures.Report:
    """Return the figures of a period, by agency, field or sharing class.

    Leaders see their agency and those below, administrators of an agency that agency, system
    administrators and accounts of the compiling agency all. What was so at the end of a closed
    period never changes; of a period that is not over it is what is so today.

    :param period: a month as `2026-11`, a quarter as `2026-Q4`, or a year (optional, default: this
        month)
    :type period: string
    :param group: `agency`, `field` or `kind`, what a row is about (optional, default: `agency`)
    :type group: string
    :param agency: id or name of an agency (optional, default: all that the account sees)
    :type agency: string
    :param field: code of a field (optional)
    :type field: string
    :param kind: code of a sharing class (optional)
    :type kind: string

    :returns: `period`, its `title`, `day`, `closed`, `sample`, the `total` and `rows`, each with
        `key`, `name`, `title`, `figures`, `difficulties` and `proposals`
    :rtype: dictionary
    """
    tk.check_access("nd47_report_show", context, data_dict)
    tables.require()
    reach = access.of(context)
    report = figures.report(schema.query(reach, data_dict))
    return report if reach.texts else _without_texts(report)


@tk.side_effect_free
def nd47_report_trend(context: Context, data_dict: DataDict) -> list[trend.Month]:
    """Return the figures of the months up to this one.

    :param months: how many months (optional, default: 12, at most 36)
    :type months: int
    :param agency: as in `nd47_report_show` (optional)
    :type agency: string
    :param field: as in `nd47_report_show` (optional)
    :type field: string
    :param kind: as in `nd47_report_show` (optional)
    :type kind: string

    :returns: months in order, each with `period`, `title`, `stored` and `figures`
    :rtype: list of dictionaries
    """
    tk.check_access("nd47_report_trend", context, data_dict)
    tables.require()
    query = schema.query(access.of(context), {**data_dict, "period": "", "group": ""})
    return trend.of_months(schema.months(data_dict), query)


@tk.side_effect_free
def nd47_leader_report_show(context: Context, data_dict: DataDict) -> leader.LeaderReport:
    """Return what a leader needs on one page.

    :returns: `day`; the figures `now` and those of the `months` before; `changes` since the last
        month; agencies that are `ahead` and that are `late`; `decisions` that wait
    :rtype: dictionary
    """
    tk.check_access("nd47_leader_report_show", context, data_dict)
    tables.require()
    return leader.report(context, access.of(context))


@tk.side_effect_free
def nd47_report_text_show(context: Context, data_dict: DataDict) -> texts.Said:
    """Return what an agency says about a month.

    :param agency: id or name of the agency
    :type agency: string
    :param period: the month (optional, default: this month)
    :type period: string

    :returns: `difficulties`, `proposals`, `version` and `closed`
    :rtype: dictionary
    """
    tk.check_access("nd47_report_text_show", context, data_dict)
    tables.require()
    agency_id, month = _agency_and_month(access.of(context), data_dict)
    return texts.of(agency_id, month.first)


def nd47_report_text_update(context: Context, data_dict: DataDict) -> texts.Said:
    """Say for an agency what hinders it and what it proposes, in a month that is not closed.

    :param agency: id or name of the agency
    :type agency: string
    :param period: the month (optional, default: this month)
    :type period: string
    :param difficulties: what hinders it, at most 4,000 characters (optional)
    :type difficulties: string
    :param proposals: what it proposes, at most 4,000 characters (optional)
    :type proposals: string
    :param version: the version that was read, 0 for none (optional, default: 0)
    :type version: int

    :returns: the texts, as `nd47_report_text_show` returns them
    :rtype: dictionary
    """
    tk.check_access("nd47_report_text_update", context, data_dict)
    tables.require()
    reach = access.of(context)
    agency_id, month = _agency_and_month(reach, data_dict)
    if not reach.writes(agency_id):
        raise tk.NotAuthorized(tk._("Administrators of the agency write this text."))
    texts.save(agency_id, month.first, *schema.said(data_dict))
    if not context.get("defer_commit"):
        model.Session.commit()
    return texts.of(agency_id, month.first)


@tk.side_effect_free
def nd47_score_show(context: Context, data_dict: DataDict) -> todo.DatasetScoreDict:
    """Return the score of a dataset by the method of data.europa.eu, as it is now.

    :param id: id or name of the dataset
    :type id: string

    :returns: `points`, `measured`, `possible`, `rating`, `dimensions` and `metrics`, each with
        `points` and `met`, which is null where it was not measured
    :rtype: dictionary
    """
    reference = tk.get_or_bust(inputs.of_kinds(data_dict, id="text"), "id")
    tk.check_access("nd47_score_show", context, {"id": reference})
    return todo.as_dict(score_of(reference))


def score_of(reference: str) -> metrics.Score:
    """Return the score of a dataset by id or name.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is no such dataset.
    """
    package = model.Package.get(reference)
    score = store.of_dataset(package.id) if package else None
    if score is None:
        raise tk.ObjectNotFound(tk._("There is no such dataset."))
    return score


@tk.side_effect_free
def nd47_score_todo(context: Context, data_dict: DataDict) -> list[todo.Todo]:
    """Return what would bring the most points to public datasets, the most first.

    :param agency: id or name of an agency (optional, default: all that the account sees)
    :type agency: string

    :returns: things to do, each with `metric`, `title`, `todo`, `datasets`, `points` and `gain`
    :rtype: list of dictionaries
    """
    tk.check_access("nd47_score_todo", context, data_dict)
    tables.require()
    return todo.most_points(_agencies(context, data_dict))


@tk.side_effect_free
def nd47_score_summary(context: Context, data_dict: DataDict) -> todo.Summary:
    """Return the average score of public datasets by the method of data.europa.eu.

    :param agency: id or name of an agency (optional, default: all that the account sees)
    :type agency: string

    :returns: number of `datasets`, average `score` and `measured` points, null without datasets,
        and the `possible` points
    :rtype: dictionary
    """
    tk.check_access("nd47_score_summary", context, data_dict)
    tables.require()
    return todo.summary(_agencies(context, data_dict))


@tk.side_effect_free
def nd47_score_dataset_list(context: Context, data_dict: DataDict) -> todo.WithoutPage:
    """Return the public datasets that lack something that is measured, the fewest points first.

    :param metric: code of the metric (optional, default: any)
    :type metric: string
    :param agency: id or name of an agency (optional, default: all that the account sees)
    :type agency: string
    :param limit: datasets to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: datasets before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`
    :rtype: dictionary
    """
    tk.check_access("nd47_score_dataset_list", context, data_dict)
    tables.require()
    limit = inputs.number(data_dict, "limit", 50, LARGEST_PAGE)
    offset = inputs.number(data_dict, "offset", 0, inputs.LARGEST)
    return todo.without(schema.metric(data_dict), _agencies(context, data_dict), limit, offset)


def _agencies(context: Context, data_dict: DataDict) -> frozenset[str] | None:
    """Return the agencies whose scores are asked for; None for all."""
    data = {**data_dict, "period": "", "group": ""}
    return schema.query(access.of_scores(context), data).agencies


def _agency_and_month(reach: access.Reach, data_dict: DataDict) -> tuple[str, period.Period]:
    parameters = inputs.of_kinds(data_dict, agency="text", period="text")
    agency_id = access.require_agency(reach, tk.get_or_bust(parameters, "agency"))
    month = period.parse(parameters.get("period", ""))
    if len(month.months) != 1:
        raise tk.ValidationError({"period": [tk._("Enter a month as 2026-11.")]})
    return agency_id, month


def _without_texts(report: figures.Report) -> figures.Report:
    rows: list[figures.Row] = [
        {**row, "difficulties": "", "proposals": ""} for row in report["rows"]
    ]
    return {**report, "rows": rows}
