"""Whose datasets an account edits, as CKAN decides it.

The work list leaves the agencies below to their own officers; CKAN lets the administrator of an
agency edit the datasets of all agencies below, unless the portal is set up otherwise.
"""

from __future__ import annotations

from dataclasses import replace

from ckan import authz, model
from ckan.types import Context

from ckanext.nd47.desk import scope

CASCADING = "roles_that_cascade_to_sub_groups"
"""CKAN's option with the roles that apply to the agencies below too."""

ADMIN = "admin"


def of(context: Context) -> scope.Scope:
    """Return the scope of an account, with all agencies whose datasets it edits."""
    seen = scope.of(context, below=False)
    roles = authz.check_config_permission(CASCADING)
    if seen.everything or not seen.administers or not isinstance(roles, list) or ADMIN not in roles:
        return seen
    heads = model.Session.query(model.Group).filter(model.Group.id.in_(seen.administers))
    below = {
        row[0] for head in heads for row in head.get_children_group_hierarchy(type="organization")
    }
    return replace(seen, edits=seen.edits | below)
