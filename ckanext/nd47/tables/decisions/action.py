"""Actions on decisions about personal data in files."""

from __future__ import annotations

from typing import TypedDict

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.model import core
from ckan.types import Context, DataDict

from ckanext.nd47.tables.check_jobs import model as tables
from ckanext.nd47.tables.decisions import model as history
from ckanext.nd47.tables.decisions import schema, service
from ckanext.nd47.tables.logic import schema as references

__all__ = ["nd47_personal_data_decide", "nd47_personal_data_decision_list"]


class DecisionDict(TypedDict):
    """A decision; see `nd47_personal_data_decision_list`."""

    moment: str
    decision: str
    basis: str
    user_title: str


def nd47_personal_data_decide(context: Context, data_dict: DataDict) -> list[DecisionDict]:
    """Record a decision about the personal data that the check found in a file.

    For who may edit it. The history of the decisions cannot be changed.

    :param id: id of the resource
    :type id: string
    :param decision: `de-identified`, for this file alone; `public-by-law`, for the same columns in
        all files of the dataset; `revoked`, to take decisions about them back
    :type decision: string
    :param basis: the law by which the data are public, required with `public-by-law`; otherwise a
        note (optional)
    :type basis: string
    :param version: `version` of the check that was looked at (optional); a decision about a file
        that was replaced meanwhile is refused
    :type version: string
    :returns: as `nd47_personal_data_decision_list`
    :rtype: list of dictionaries
    """
    tk.check_access("nd47_personal_data_decide", context, data_dict)
    tables.require()
    history.require()
    data = schema.decision(data_dict)
    user = model.User.get(context.get("user") or "")
    if user is None:
        raise tk.NotAuthorized(tk._("Log in to decide about a file."))
    resource = _resource(data_dict)
    service.decide(user, resource, data.decision, data.basis, data.version)
    return _list(resource.id)


@tk.side_effect_free
def nd47_personal_data_decision_list(context: Context, data_dict: DataDict) -> list[DecisionDict]:
    """Return the decisions about the personal data of a file. For who may edit it.

    :param id: id of the resource
    :type id: string
    :returns: the latest first, each with `moment` in UTC as in ISO 8601, `decision`
        (`de-identified`, `public-by-law` or `revoked`), `basis` and `user_title`, the name of the
        account
    :rtype: list of dictionaries
    """
    tk.check_access("nd47_personal_data_decision_list", context, data_dict)
    history.require()
    return _list(_resource(data_dict).id)


def _list(resource_id: str) -> list[DecisionDict]:
    return [
        {
            "moment": decision.moment.isoformat(),
            "decision": decision.decision,
            "basis": decision.basis,
            "user_title": decision.user_title,
        }
        for decision in service.of_resource(resource_id)
    ]


def _resource(data_dict: DataDict) -> model.Resource:
    resource = model.Resource.get(references.reference(data_dict))
    if resource is None or resource.state != core.State.ACTIVE:
        raise tk.ObjectNotFound(tk._("Resource was not found."))
    return resource
