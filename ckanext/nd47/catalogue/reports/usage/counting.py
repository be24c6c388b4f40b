"""Counts a view, a download or an API call after its response: one number sent to Redis, no more.

The number has the day, the kind and the dataset as the address names it; no part of it is about the
visitor. Which dataset that is, `flush` looks up later. If Redis does not answer, the response goes
out uncounted, and this process does not try again for a while.
"""

from __future__ import annotations

import logging
import re
import time

from flask import Blueprint, Response, g, request
from redis.exceptions import RedisError

import ckan.plugins.toolkit as tk

from ckanext.nd47.catalogue.reports.usage import one_way, robots
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates

log = logging.getLogger(__name__)

__all__ = ["nd47_usage"]

nd47_usage = Blueprint("nd47_usage", __name__)

VIEW, DOWNLOAD, API = "view", "download", "api"

PAGES = frozenset({"dataset.read", "dataset_resource.read", "resource.read", "nd47_plain.dataset"})
FILES = frozenset(
    {
        "dataset_resource.download",
        "resource.download",
        "datastore.dump",
        "nd47_dataset_page.files",
    }
)
"""Endpoints by what a successful answer is counted as."""

OF_DATASET = ("id", "resource_id")
"""Parameters that name what the answer is about, the dataset before the file."""

EXPORT = "nd47_dcat"
"""Blueprint of the export."""

REFERENCE = re.compile(r"[a-z0-9_-]{1,100}")
"""What names and ids consist of."""

NOT_COUNTED = frozenset({"status_show", "site_read"})
"""Actions that ask whether the portal is there."""

OWN_PROGRAM = "ckanext-nd47"
"""Start of the name of the suite's own programs, which look at pages and addresses."""

COUNTED_STATUS = frozenset({200, 206})
REDIRECTS = frozenset({301, 302, 303, 307, 308})

PAUSE = 30.0
"""Seconds without an attempt after a failure."""

_again_at = 0.0


@nd47_usage.after_app_request
def count(response: Response) -> Response:
    """Count a response that shows, sends or returns a dataset."""
    kind = kind_of(response)
    if kind:
        add(kind, _reference())
    return response


def kind_of(response: Response) -> str:
    """Return what a response is counted as: `view`, `download` or `api`; empty for nothing."""
    if request.method not in {"GET", "POST"}:
        return ""
    endpoint, status = request.endpoint or "", response.status_code
    if endpoint in FILES:
        # A file elsewhere is sent by a redirect to it.
        is_sent = status in COUNTED_STATUS or status in REDIRECTS
        return DOWNLOAD if is_sent and _is_start(response) else ""
    if status not in COUNTED_STATUS:
        return ""
    if endpoint in PAGES:
        # Accounts are the province's own people, at work.
        return VIEW if request.method == "GET" and not g.get("user") else ""
    if request.blueprint == "api":
        return API if _is_counted_action() else ""
    return API if request.blueprint == EXPORT and not g.get("user") else ""


def add(kind: str, reference: str) -> None:
    """Add one to a number; never raises and never waits for an answer."""
    global _again_at  # noqa: PLW0603 - a pause of this process, not state of the portal
    if time.monotonic() < _again_at:
        return
    agent = request.headers.get("User-Agent", "")
    if _is_own(agent, config.usage_monitors()):
        return
    is_robot = robots.is_robot(agent, for_data=kind != VIEW)
    try:
        one_way.connected(tk.config["ckan.redis.url"]).hincrby(
            key_of(dates.today().isoformat()), f"{'robot-' if is_robot else ''}{kind} {reference}"
        )
    except RedisError as error:
        _again_at = time.monotonic() + PAUSE
        log.warning("Views and downloads are not counted for a while: %s", type(error).__name__)


def key_of(day: str) -> str:
    """Return the key in Redis of the numbers of a day."""
    return f"{prefix()}day:{day}"


def prefix() -> str:
    """Return the start of the keys in Redis."""
    return f"ckan:{tk.config['ckan.site_id']}:nd47:usage:"


def _is_start(response: Response) -> bool:
    """Return whether a response has the start of a file: parts of it are one download."""
    content_range = response.headers.get("Content-Range", "")
    return not content_range or content_range.startswith("bytes 0-")


def _is_counted_action() -> bool:
    """Return whether a program reads data; pages of the portal ask the API too."""
    name = (request.view_args or {}).get("logic_function", "")
    if not name or name in NOT_COUNTED or request.headers.get("Sec-Fetch-Site") == "same-origin":
        return False
    try:
        action = tk.get_action(name)
    except KeyError:
        return False
    return bool(getattr(action, "side_effect_free", False))


def _reference() -> str:
    """Return the dataset or file that an address names; empty where it names none."""
    arguments = request.view_args or {}
    for name in OF_DATASET:
        reference = arguments.get(name) or request.args.get(name) or _posted(name)
        if isinstance(reference, str) and REFERENCE.fullmatch(reference):
            return reference
    return ""


def _posted(name: str) -> object:
    """Return a parameter of the body of an API call that CKAN has read already."""
    body = request.get_json(silent=True, cache=True) if request.is_json else None
    return body.get(name) if isinstance(body, dict) else None


def _is_own(agent: str, monitors: list[str]) -> bool:
    return agent.startswith(OWN_PROGRAM) or any(word in agent for word in monitors)
