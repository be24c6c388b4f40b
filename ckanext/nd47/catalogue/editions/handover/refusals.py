"""What the other side has refused and nobody has sent again."""

from __future__ import annotations

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.catalogue.editions.handover.model import REFUSED, Handover, HandoverDataset


def open_refusals() -> int:
    """Return the number of datasets whose last hand-over was refused, in one statement."""
    last = (
        sa.select(HandoverDataset.dataset_id, HandoverDataset.state)
        .distinct(HandoverDataset.dataset_id)
        .join(Handover, Handover.id == HandoverDataset.handover_id)
        .order_by(HandoverDataset.dataset_id, Handover.sent.desc(), Handover.created.desc())
        .subquery()
    )
    query = sa.select(sa.func.count()).where(last.c.state == REFUSED)
    return model.Session.scalar(query) or 0
