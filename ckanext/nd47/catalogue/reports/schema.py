"""Parameters of the actions of reports and scores."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import DataDict

from ckanext.nd47.catalogue.reports import access
from ckanext.nd47.catalogue.reports.data import period
from ckanext.nd47.catalogue.reports.data.figures import GROUPS, Group, Query
from ckanext.nd47.catalogue.reports.score.method import method
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.vocabularies import vocabulary

MOST_MONTHS = 36
LONGEST_TEXT = 4000


def query(reach: access.Reach, data_dict: DataDict) -> Query:
    """Return what is asked for.

    Raises:
        ckan.plugins.toolkit.ValidationError: a parameter is wrong.
        ckan.plugins.toolkit.ObjectNotFound: there is no such agency.
        ckan.plugins.toolkit.NotAuthorized: the account does not see it.
    """
    names = ("period", "group", "agency", "field", "kind")
    parameters = inputs.of_kinds(data_dict, **dict.fromkeys(names, "text"))
    wanted = parameters.get("group") or GROUPS[0]
    group: Group | None = next((name for name in GROUPS if name == wanted), None)
    if group is None:
        raise tk.ValidationError({"group": [inputs.none_of(parameters["group"], GROUPS)]})
    for name, list_id in (("field", vocabulary.FIELD), ("kind", "sharing-class")):
        if parameters.get(name) and vocabulary.term(list_id, parameters[name]) is None:
            codes = [term.code for term in vocabulary.get(list_id)]
            raise tk.ValidationError({name: [inputs.none_of(parameters[name], codes)]})
    agencies = reach.limit
    if parameters.get("agency"):
        agencies = frozenset({access.require_agency(reach, parameters["agency"])})
    return Query(
        period=period.parse(parameters.get("period", "")),
        group=group,
        agencies=agencies,
        field=parameters.get("field", ""),
        kind=parameters.get("kind", ""),
    )


def months(data_dict: DataDict) -> int:
    """Return how many months a trend has."""
    return max(inputs.number(data_dict, "months", 12, MOST_MONTHS), 1)


def metric(data_dict: DataDict) -> str:
    """Return the code of a metric, empty for all.

    Raises:
        ckan.plugins.toolkit.ValidationError: there is none.
    """
    code = inputs.of_kinds(data_dict, metric="text").get("metric", "")
    if code and code not in method().metrics:
        raise tk.ValidationError({"metric": [inputs.none_of(code, method().metrics)]})
    return code


def said(data_dict: DataDict) -> tuple[str, str, int]:
    """Return difficulties, proposals and the version that was read.

    Raises:
        ckan.plugins.toolkit.ValidationError: a text is too long, or none.
    """
    texts = []
    for name in ("difficulties", "proposals"):
        value = data_dict.get(name) or ""
        if not isinstance(value, str):
            message = tk._("Enter a text here, not a list or another structure.")
            raise tk.ValidationError({name: [message]})
        if len(value) > LONGEST_TEXT:
            message = tk._("Enter at most {limit} characters.").format(limit=LONGEST_TEXT)
            raise tk.ValidationError({name: [message]})
        texts.append(value.strip())
    return texts[0], texts[1], inputs.number(data_dict, "version", 0, inputs.LARGEST)
