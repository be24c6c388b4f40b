"""Jobs of background workers for the approval."""

from __future__ import annotations

from ckanext.nd47.desk.approval import model, publication


def publish_due() -> None:
    """Publish the datasets whose moment has come; may be interrupted and repeated."""
    if model.ready():
        publication.publish_due()
