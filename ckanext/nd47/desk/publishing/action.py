"""Actions of publication and of the next period."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.desk.publishing import new_period, review, schema
from ckanext.nd47.lib import inputs

__all__ = [
    "nd47_dataset_publish",
    "nd47_period_add",
    "nd47_period_propose",
    "nd47_publication_review",
]


@tk.side_effect_free
def nd47_publication_review(context: Context, data_dict: DataDict) -> review.Review:
    """Say what is known of a dataset before it is published.

    :param id: id or name of the dataset
    :type id: string
    :returns: `rules`, those that it does not meet, each with the address that mends it; `refused`,
        whether they prevent the publication; `ways`, how it can be published; `files`, what the
        check of its files found; `waiting`, the files whose check has not ended
    :rtype: dictionary
    """
    tk.check_access("nd47_publication_review", context, data_dict)
    return review.of(context, _dataset(context, schema.reference(data_dict)))


def nd47_dataset_publish(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Publish a dataset: a draft becomes active.

    :param id: id or name of the dataset
    :type id: string
    :param private: whether only members of the agency will see it (optional, as it is by default)
    :type private: bool
    :returns: the dataset
    :rtype: dictionary
    """
    tk.check_access("nd47_dataset_publish", context, data_dict)
    data = inputs.of_kinds(data_dict, private="flag")
    changes: dict[str, Any] = {"state": model.State.ACTIVE}
    if "private" in data:
        changes["private"] = data["private"]
    own = Context(user=context.get("user") or "", auth_user_obj=context.get("auth_user_obj"))
    return tk.get_action("package_patch")(own, {"id": schema.reference(data_dict), **changes})


@tk.side_effect_free
def nd47_period_propose(context: Context, data_dict: DataDict) -> new_period.Proposal:
    """Propose the next period of a dataset, from its files or from the file of the period.

    :param id: id or name of the dataset
    :type id: string
    :param upload: the file of the period (optional)
    :type upload: file
    :returns: `period` in words, `modified`, the day of the data; `removed` and `added`, columns in
        which the file differs from the last one
    :rtype: dictionary
    """
    tk.check_access("nd47_period_propose", context, data_dict)
    dataset = _dataset(context, schema.reference(data_dict))
    return new_period.propose(dataset, schema.upload(data_dict))


def nd47_period_add(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Add the file of a period to a dataset, and set the day of its data.

    :param id: id or name of the dataset
    :type id: string
    :param upload: the file
    :type upload: file
    :param period: the period, as in `05/2026` or `quý II/2026`
    :type period: string
    :param modified: the day of the data, day first or ISO
    :type modified: string
    :returns: the dataset
    :rtype: dictionary
    """
    tk.check_access("nd47_period_add", context, data_dict)
    package = model.Package.get(schema.reference(data_dict))
    if package is None:
        raise tk.ObjectNotFound(tk._("Dataset not found"))
    data = schema.new_period(data_dict)
    return new_period.add(context, package.id, data.upload, data.period, data.modified)


def _dataset(context: Context, reference: str) -> dict[str, Any]:
    own = Context(user=context.get("user") or "", auth_user_obj=context.get("auth_user_obj"))
    return tk.get_action("package_show")(own, {"id": reference})
