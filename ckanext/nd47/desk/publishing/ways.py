"""The ways in which a dataset can be published on this portal.

The check of files belongs to another plugin. It is asked where its action exists, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.nd47.desk.approval.axes import Approval
from ckanext.nd47.desk.approval.shown import ApprovalDict

SHOW = "nd47_approval_show"
SEND = "nd47_approval_send"
SCHEDULE = "nd47_publication_schedule"
PUBLISH_APPROVED = "nd47_publication_publish"
FILE_CHECKS = "nd47_file_check_list"
THEN_PUBLISH = "publish"


class FileFinding(TypedDict):
    """What the check found in a file: `url` leads to the result of the check.

    `undecided` says whether it is personal data about which nobody has decided.
    """

    file: str
    level: str
    undecided: bool
    message: str
    url: str


@dataclass(frozen=True)
class Ways:
    """How an account can publish a dataset.

    Attributes:
        direct: whether it may publish the dataset now.
        approved: whether the dataset was approved, so that this is what remains to be done.
        send: whether it can send the dataset for approval.
        schedule: whether it can choose a moment for the publication.
        waits: whether the dataset was sent and nobody has decided yet.
    """

    direct: bool
    approved: bool
    send: bool
    schedule: bool
    waits: bool


def of(context: Context, dataset_id: str) -> Ways:
    """Return the ways for a dataset and an account."""
    own = Context(user=context.get("user") or "", auth_user_obj=context.get("auth_user_obj"))
    shown: ApprovalDict = tk.get_action(SHOW)(own, {"id": dataset_id})
    may, is_free = shown["may"], not shown["required"]
    return Ways(
        direct=is_free or may["publish"],
        approved=may["publish"],
        send=may["send"] and not may["publish"],
        schedule=may["schedule"] and (is_free or may["publish"]),
        waits=shown["approval"] == Approval.WAITING.value,
    )


def file_checks(context: Context, dataset_id: str) -> list[dict[str, Any]]:
    """Return the checks of the files of a dataset, none where the portal checks no files."""
    try:
        checks = tk.get_action(FILE_CHECKS)
    except KeyError:
        return []
    own = Context(user=context.get("user") or "", auth_user_obj=context.get("auth_user_obj"))
    return checks(own, {"id": dataset_id})


def file_findings(checks: list[dict[str, Any]], dataset_id: str) -> list[FileFinding]:
    """Return what the checks of the files of a dataset found."""
    return [
        {
            "file": check["resource_name"],
            "level": finding["level"],
            "undecided": finding["code"] in check["undecided"],
            "message": finding["message"],
            "url": tk.url_for(
                "nd47_tables.check",
                id=dataset_id,
                resource_id=check["resource_id"],
                then=THEN_PUBLISH,
                _anchor="decision" if check["undecided"] else None,
            ),
        }
        for check in checks
        for finding in check["findings"]
    ]
