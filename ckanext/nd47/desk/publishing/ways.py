"""The ways in which a dataset can be published on this portal.

Approval, a moment for the publication and the check of files belong to other packages. They are
offered where their actions exist, and asked for nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

APPROVAL = "nd47_approval_show"
SEND = "nd47_approval_send"
SCHEDULE = "nd47_publication_schedule"
FILE_CHECK = "nd47_file_check"


@dataclass(frozen=True)
class Ways:
    """How a dataset can be published.

    Attributes:
        direct: whether the account may publish it now.
        send: whether it can be sent for approval.
        schedule: whether it can be published at a moment.
        state: state of the approval, empty where none is required.
    """

    direct: bool
    send: bool
    schedule: bool
    state: str = ""


def of(context: Context, dataset_id: str) -> Ways:
    """Return the ways for a dataset and an account."""
    answer = _optional(APPROVAL, context, dataset_id) or {}
    required = bool(answer.get("required"))
    direct = bool(answer.get("may_publish")) if required else True
    return Ways(
        direct=direct,
        send=required and not direct and has(SEND),
        schedule=direct and has(SCHEDULE),
        state=str(answer.get("state") or "") if required else "",
    )


def file_check(context: Context, dataset_id: str) -> list[dict[str, Any]]:
    """Return what the check of the files found, each with `message` and perhaps `url`."""
    answer = _optional(FILE_CHECK, context, dataset_id) or {}
    return list(answer.get("results") or [])


def has(action: str) -> bool:
    """Return whether the portal has an action."""
    try:
        tk.get_action(action)
    except KeyError:
        return False
    return True


def _optional(action: str, context: Context, dataset_id: str) -> dict[str, Any] | None:
    """Return what an action says of a dataset, None if the portal does not have it."""
    if not has(action):
        return None
    own = Context(user=context.get("user") or "", auth_user_obj=context.get("auth_user_obj"))
    return tk.get_action(action)(own, {"id": dataset_id})
