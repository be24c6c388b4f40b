"""Numbers of public datasets, for the home page and the page of agencies.

Only public datasets count. The totals are the same for everybody and are cached in Redis under the
state of the public datasets: once one is published, changed or withdrawn, they are counted again.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from redis.exceptions import RedisError

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.redis import connect_to_redis

from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.fields.values import VIETNAM

log = logging.getLogger(__name__)

SECONDS = 300
"""Lifetime of cached totals, so that those of former states do not pile up."""

_STATE = sa.text(
    """
    SELECT concat(count(*), '/', max(metadata_modified), '/', sum(hashtext(id)), '/',
            sum(hashtext(owner_org)),
        '/', (SELECT sum(hashtext(id)) FROM "group" WHERE state = 'active' AND is_organization))
    FROM package WHERE state = 'active' AND NOT private AND type = :type
    """
)
"""What differs once a public dataset is added, changed or withdrawn."""

_TOTALS = sa.text(
    """
    WITH open AS (
        SELECT id, owner_org, metadata_modified FROM package
        WHERE state = 'active' AND NOT private AND type = :type
    )
    SELECT (SELECT count(*) FROM open) AS datasets,
        (SELECT count(*) FROM resource r JOIN open o ON o.id = r.package_id
            WHERE r.state = 'active') AS files,
        (SELECT count(DISTINCT o.owner_org) FROM open o JOIN "group" g ON g.id = o.owner_org
            WHERE g.state = 'active') AS agencies,
        (SELECT count(*) FROM open WHERE metadata_modified >= :since) AS updated
    """
)
_BY_AGENCY = sa.text(
    """
    SELECT p.owner_org, count(DISTINCT p.id) AS datasets, count(r.id) AS files
    FROM package p LEFT JOIN resource r ON r.package_id = p.id AND r.state = 'active'
    WHERE p.state = 'active' AND NOT p.private AND p.type = :type AND p.owner_org IS NOT NULL
    GROUP BY 1
    """
)
_TYPE = {"type": dataset_fields.DEFAULT_TYPE}


@dataclass(frozen=True)
class Published:
    """What an agency has published."""

    datasets: int = 0
    files: int = 0


@dataclass(frozen=True)
class Figures:
    """What the portal has published.

    Attributes:
        datasets: public datasets.
        files: files of these.
        agencies: agencies that own one of these.
        updated: datasets whose record or files changed since the first day of the month, in Viet
            Nam.
    """

    datasets: int
    files: int
    agencies: int
    updated: int


def current() -> Figures:
    """Return the totals."""
    since = _first_of_month()
    key = _key(since)
    stored = _stored(key)
    if stored is not None:
        return stored
    counted = count(since)
    try:
        connect_to_redis().set(key, json.dumps(asdict(counted)), ex=SECONDS)
    except RedisError as error:
        log.warning("The figures of the home page were not cached: %s", error)
    return counted


def _key(since: dt.datetime) -> str:
    state = f"{model.Session.scalar(_STATE, _TYPE)} {since.isoformat()}"
    digest = sha256(state.encode()).hexdigest()[:32]
    return f"ckan:{tk.config['ckan.site_id']}:nd47_portal:figures:{digest}"


def _stored(key: str) -> Figures | None:
    try:
        cached: Any = connect_to_redis().get(key)
        return Figures(**json.loads(cached)) if cached else None
    except (RedisError, ValueError, TypeError):
        # Without Redis, or after an upgrade that changed the form, the totals are counted.
        return None


def count(since: dt.datetime) -> Figures:
    """Count the public datasets, and those of them changed since a moment."""
    totals = model.Session.execute(_TOTALS, {**_TYPE, "since": since}).mappings().one()
    return Figures(**totals)


def _first_of_month() -> dt.datetime:
    """Return the start of the month in Viet Nam, as stored: in UTC without a time zone."""
    first = dates.today().replace(day=1)
    began = dt.datetime.combine(first, dt.time(), tzinfo=VIETNAM)
    return began.astimezone(dt.timezone.utc).replace(tzinfo=None)


def by_agency() -> dict[str, Published]:
    """Return the numbers of each agency itself, by id, in one statement."""
    rows = model.Session.execute(_BY_AGENCY, _TYPE)
    return {row.owner_org: Published(row.datasets, row.files) for row in rows}
