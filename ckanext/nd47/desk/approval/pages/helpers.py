"""Functions of the templates of the approval."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.nd47.desk.approval.steps import chain

__all__ = ["nd47_approval_is_shown"]


def nd47_approval_is_shown(dataset_id: str) -> bool:
    """Return whether the page of a dataset leads to its approval, for the reader."""
    if not tk.g.user or not chain.is_used():
        return False
    return tk.h.check_access("nd47_approval_show", {"id": dataset_id})
