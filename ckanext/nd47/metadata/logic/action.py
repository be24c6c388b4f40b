"""Actions about datasets."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import search
from ckan.types import Context, DataDict

from ckanext.nd47.agencies import migrated
from ckanext.nd47.agencies.logic import organisation_fields
from ckanext.nd47.lib import inputs
from ckanext.nd47.metadata.logic import adopt

__all__ = ["nd47_focal_point_adopt"]

MODES = ("propose", "apply", "undo")


def nd47_focal_point_adopt(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Create focal points from the contacts entered in datasets, and make datasets refer to them.

    Reads `contact`, otherwise `maintainer`, otherwise `author`; contacts that differ only in case,
    diacritics and spacing become one focal point.

    :param mode: `propose` (optional, the default) changes nothing, `apply` makes the changes,
        `undo` restores the datasets
    :type mode: string
    :param run: id of the run to undo
    :type run: string

    :returns: `groups` of contacts, and for `apply` the id of the `run`; for `undo` the datasets
        `restored`, and those `kept` because they have been changed since
    :rtype: dictionary
    """
    migrated.require()
    tk.check_access("nd47_focal_point_adopt", context, data_dict)
    mode = data_dict.get("mode") or MODES[0]
    if mode not in MODES:
        raise tk.ValidationError({"mode": [inputs.none_of(str(mode), MODES)]})
    if mode == "propose":
        return {"groups": [adopt.as_dict(group) for group in adopt.propose()]}
    user_id = organisation_fields.user_id(context)
    if mode == "apply":
        run, groups, changed = adopt.apply(user_id)
        result = {"run": run, "groups": [adopt.as_dict(group) for group in groups]}
    else:
        changed, skipped = adopt.undo(str(tk.get_or_bust(data_dict, "run")), user_id)
        result = {"restored": changed, "kept": skipped}
    model.Session.commit()
    if changed:
        search.rebuild(package_ids=changed)
        # CKAN would commit at the next save; the unchanged dates do not show it a newer version.
        search.commit()
    return result
