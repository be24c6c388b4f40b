"""Actions of the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.access import account_roles
from ckanext.nd47.agencies.logic import organisation_fields
from ckanext.nd47.desk import rule_levels, scope
from ckanext.nd47.desk.logic import schema
from ckanext.nd47.desk.work_list import listing
from ckanext.nd47.desk.work_list import model as tables
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.web import http

__all__ = [
    "nd47_account_role_grant",
    "nd47_account_role_list",
    "nd47_account_role_revoke",
    "nd47_rule_effects",
    "nd47_work_agencies",
    "nd47_work_list",
]


@tk.side_effect_free
def nd47_work_list(context: Context, data_dict: DataDict) -> listing.WorkList:
    """Return what is to be done, for the agencies that the account works for.

    Editors and administrators of agencies see what concerns these agencies, leaders also what
    concerns the agencies below and is published, system administrators everything.

    :param kind: `waiting-approval`, `returned`, `overdue`, `due-soon`, `unmet-rules`,
        `no-focal-point`, `term-ends` or `draft` (optional, default: all)
    :type kind: string
    :param agency: id or name of an agency (optional, default: all)
    :type agency: string
    :param rule: id of a rule, for the datasets that do not meet it (optional)
    :type rule: string
    :param q: words of a title, with or without diacritics (optional)
    :type q: string
    :param sort: `weight`, `day`, `points`, `title` or `agency` (optional, default: `weight`)
    :type sort: string
    :param limit: things to return (optional, default: 50, at most 10,000)
    :type limit: int
    :param offset: things before the page (optional, default: 0)
    :type offset: int

    :returns: `count`; `counts` by kind; `waiting`, the number of datasets that are still to be
        examined; `results`, each with `kind`, `dataset`, `agency`, `day`, `weight` (3 is the most
        urgent), `words`, the `label` and `url` of the action that mends it, and `points`
    :rtype: dictionary
    """
    tk.check_access("nd47_work_list", context, data_dict)
    tables.require()
    seen = scope.of(context)
    return listing.find(seen, _query(seen, data_dict))


@tk.side_effect_free
def nd47_work_agencies(context: Context, data_dict: DataDict) -> listing.AgencyList:
    """Return the agencies that have something to do, with numbers, the most first.

    :param kind: as in `nd47_work_list` (optional)
    :type kind: string
    :param rule: as in `nd47_work_list` (optional)
    :type rule: string
    :param q: words of a title, with or without diacritics (optional)
    :type q: string
    :param limit: agencies to return (optional, default: 50, at most 1,000)
    :type limit: int
    :param offset: agencies before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`, each with `agency`, `counts` by kind and `total`
    :rtype: dictionary
    """
    tk.check_access("nd47_work_agencies", context, data_dict)
    tables.require()
    seen = scope.of(context)
    return listing.by_agency(seen, _query(seen, data_dict, schema.LARGEST_PAGE))


@tk.side_effect_free
def nd47_rule_effects(context: Context, data_dict: DataDict) -> rule_levels.RuleEffects:
    """Return how many datasets do not meet each rule, and how many would be refused.

    :param levels: other levels of rules, one `rule: level` on each line as in the option
        `ckanext.nd47.rules` (optional, default: those in force)
    :type levels: string

    :returns: `edition`, `rules`, `waiting`, and `now` and `proposed`: the public and the other
        datasets that do not meet a rule that refuses publication
    :rtype: dictionary
    """
    tk.check_access("nd47_rule_effects", context, data_dict)
    tables.require()
    return rule_levels.effects(schema.levels(data_dict), http.language())


@tk.side_effect_free
def nd47_account_role_list(
    context: Context, data_dict: DataDict
) -> list[account_roles.AccountRoleDict]:
    """Return the roles that accounts have in agencies.

    :param limit: roles to return (optional, default: 1,000)
    :type limit: int
    :param offset: roles before the page (optional, default: 0)
    :type offset: int

    :returns: roles, each with agency, account and `role`
    :rtype: list of dictionaries
    """
    tk.check_access("nd47_account_role_list", context, data_dict)
    tables.require()
    limit = inputs.number(data_dict, "limit", schema.LARGEST_PAGE, schema.LARGEST_PAGE)
    return account_roles.entries(limit, inputs.number(data_dict, "offset", 0, inputs.LARGEST))


def nd47_account_role_grant(
    context: Context, data_dict: DataDict
) -> list[account_roles.AccountRoleDict]:
    """Give an account a role in an agency.

    A `leader` sees the work of the agency and of those below, an `approver` decides about its
    datasets before they are published, an account with `compiling-agency` about those of the whole
    portal; a `data-steward` sees the work of the agency.

    :param agency: id or name of the agency
    :type agency: string
    :param user: name or id of the account
    :type user: string
    :param role: `leader`, `approver`, `data-steward` or `compiling-agency` (optional, default:
        `leader`)
    :type role: string

    :returns: all roles, as `nd47_account_role_list` returns them
    :rtype: list of dictionaries
    """
    tk.check_access("nd47_account_role_grant", context, data_dict)
    return _change_role(context, data_dict, account_roles.grant)


def nd47_account_role_revoke(
    context: Context, data_dict: DataDict
) -> list[account_roles.AccountRoleDict]:
    """Take a role in an agency from an account.

    :param agency: id or name of the agency
    :type agency: string
    :param user: name or id of the account
    :type user: string
    :param role: `leader`, `approver`, `data-steward` or `compiling-agency` (optional, default:
        `leader`)
    :type role: string

    :returns: all roles, as `nd47_account_role_list` returns them
    :rtype: list of dictionaries
    """
    tk.check_access("nd47_account_role_revoke", context, data_dict)
    return _change_role(context, data_dict, account_roles.revoke)


def _query(
    seen: scope.Scope, data_dict: DataDict, largest: int = schema.LARGEST_TABLE
) -> listing.Query:
    """Return the checked query; refuse an agency whose work the account does not see."""
    parameters: dict[str, Any] = schema.query(data_dict, largest)
    reference = inputs.of_kinds(data_dict, agency="text").get("agency", "")
    if not reference:
        return listing.Query(**parameters)
    agency = directory.get(reference)
    if agency is None:
        raise tk.ObjectNotFound(tk._("There is no such agency."))
    if not seen.sees(agency.id):
        raise tk.NotAuthorized(tk._("You do not work for this agency."))
    return listing.Query(agency_id=agency.id, **parameters)


def _parties(data_dict: DataDict) -> tuple[str, model.User]:
    """Return the id of the agency, and the account in the parameters."""
    texts = inputs.of_kinds(data_dict, agency="text", user="text")
    agency = directory.get(tk.get_or_bust(texts, "agency"))
    if agency is None:
        raise tk.ValidationError({"agency": [tk._("There is no such agency.")]})
    user = model.User.get(tk.get_or_bust(texts, "user"))
    if user is None or user.state != model.State.ACTIVE:
        raise tk.ValidationError({"user": [tk._("There is no such account.")]})
    return agency.id, user


def _change_role(
    context: Context, data_dict: DataDict, change: Callable[[str, model.User, str, str], None]
) -> list[account_roles.AccountRoleDict]:
    """Grant or revoke the role in the parameters; return all roles."""
    tables.require()
    agency_id, account = _parties(data_dict)
    change(agency_id, account, schema.role(data_dict), organisation_fields.user_id(context))
    if not context.get("defer_commit"):
        model.Session.commit()
    return account_roles.entries(schema.LARGEST_PAGE, 0)
