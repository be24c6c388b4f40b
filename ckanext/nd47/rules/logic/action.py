"""Actions about the rules on metadata."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Action, Context, DataDict

from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import dataset_input
from ckanext.nd47.rules import edition, gate, report
from ckanext.nd47.rules.logic import schema

__all__ = [
    "bulk_update_public",
    "nd47_rule_check",
    "nd47_rule_list",
    "package_create",
    "package_patch",
    "package_update",
    "resource_create",
    "resource_delete",
    "resource_update",
]


@tk.side_effect_free
def nd47_rule_check(
    context: Context, data_dict: DataDict
) -> report.DatasetFindings | report.FindingsPage:
    """Check one dataset, or all datasets page by page, against the rules of the portal.

    Without an id, datasets are returned in the order of their ids, including drafts and private
    ones; pass `next` of one answer as `after` of the next call until it is empty.

    :param id: id or name of a dataset (optional)
    :type id: string
    :param owner_org: id or name of an organisation, for its datasets only (optional)
    :type owner_org: string
    :param after: id of the last dataset of the previous call (optional)
    :type after: string
    :param limit: how many datasets at most (optional, default 100, at most 1000)
    :type limit: int
    :param only_unmet: leave out the rules that are met (optional, default false)
    :type only_unmet: bool
    :returns: for one dataset its findings, otherwise `results`, a list of them, and `next`
    :rtype: dictionary
    """
    tk.check_access("nd47_rule_check", context, data_dict)
    data, errors = tk.navl_validate(data_dict, schema.rule_check(), context)
    if errors:
        raise tk.ValidationError(errors)
    lang, only_unmet = http.language(), data["only_unmet"]
    if data.get("id"):
        # Findings do not reveal values of fields, so the rules may read hidden fields too.
        unrestricted = Context(ignore_auth=True, user=context.get("user") or "")
        dataset = tk.get_action("package_show")(unrestricted, {"id": data["id"]})
        return report.as_dict(dataset, report.examine(dataset), lang, only_unmet=only_unmet)
    results = report.examine_page(
        data["after"], data["limit"], _organisation(data.get("owner_org"))
    )
    return {
        "results": [
            report.as_dict(dataset, findings, lang, only_unmet=only_unmet)
            for dataset, findings in results
        ],
        "next": results[-1][0]["id"] if len(results) == data["limit"] else None,
    }


@tk.side_effect_free
def nd47_rule_list(context: Context, data_dict: DataDict) -> report.RuleList:
    """List the rules that the portal applies.

    :returns: `edition`, the legal edition, and `rules`: of each id, level, title, remedy, whom it
        binds, legal basis, the fields it reads and its points
    :rtype: dictionary
    """
    tk.check_access("nd47_rule_list", context, data_dict)
    return report.rules_as_dict(edition.in_force(), http.language())


@tk.chained_action
def package_create(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Create a dataset from sanitised input, unless it may not be published."""
    inputs.require_access("package_create", context, data_dict)
    return gate.create(next_action, context, dataset_input.for_create(context, data_dict))


@tk.chained_action
def package_update(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Update a dataset from sanitised input, unless it may not be published."""
    inputs.require_access("package_update", context, data_dict)
    return gate.update(next_action, context, dataset_input.for_update(context, data_dict))


@tk.chained_action
def package_patch(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Patch a dataset from sanitised input."""
    inputs.require_access("package_patch", context, data_dict)
    return next_action(context, dataset_input.for_update(context, data_dict))


@tk.chained_action
def resource_create(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Add a resource, unless its dataset may not stay published with it."""
    return gate.of_resource(next_action, context, data_dict)


@tk.chained_action
def resource_update(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Update a resource, unless its dataset may not stay published with it."""
    return gate.of_resource(next_action, context, data_dict)


@tk.chained_action
def resource_delete(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Delete a resource, unless its dataset may not stay published without it."""
    return gate.of_resource(next_action, context, data_dict)


@tk.chained_action
def bulk_update_public(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Make datasets public, or none of them where one may not be published."""
    return gate.of_many(next_action, context, data_dict)


def _organisation(reference: str | None) -> str | None:
    if not reference:
        return None
    group = model.Group.get(reference)
    if group is None or not group.is_organization:
        raise tk.ObjectNotFound(tk._("There is no such agency on this portal."))
    return group.id
