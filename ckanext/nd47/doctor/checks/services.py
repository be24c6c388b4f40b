"""Checks of PostgreSQL, Solr, Redis, the background workers and the mail server."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import requests
import rq
from redis.exceptions import RedisError
from rq.exceptions import NoSuchJobError
from rq.job import Job
from sqlalchemy.exc import SQLAlchemyError

from ckan.lib.search import SUPPORTED_SCHEMA_VERSIONS

from ckanext.nd47.doctor.check import Check, Needs, Result, report
from ckanext.nd47.doctor.checks.site import STORAGE, is_local
from ckanext.nd47.doctor.portal import SECONDS, Portal

DATABASE = "sqlalchemy.url"
REDIS = "ckan.redis.url"
SOLR = "solr_url"
REFUSED = frozenset({401, 403})
SCHEMAS = ("/schema?wt=schema.xml", "/admin/file/?file=schema.xml")
"""Paths of Solr's schema: managed or written by hand."""

SCHEMA = re.compile(r"<schema\b[^>]*>")
ATTRIBUTE = re.compile(r"""\b(\w+)=["']([^"']*)["']""")

WAIT = 15
"""Seconds to wait for a worker to run a job."""

SCHEDULED = 2
"""Seconds after which the job of the scheduler is due."""


def database(portal: Portal) -> Iterator[Result]:
    """Check that the database answers."""
    address = portal.text(DATABASE)
    if not address:
        yield report("database-unset")
        return
    try:
        with portal.database():
            pass
    except (SQLAlchemyError, ValueError) as error:
        yield report("database-unreachable", address=address, reason=error)


def redis(portal: Portal) -> Iterator[Result]:
    """Check that Redis answers."""
    try:
        portal.redis().ping()
    except (RedisError, OSError, ValueError) as error:
        yield report("redis-unreachable", address=portal.text(REDIS), reason=error)


def solr(portal: Portal) -> Iterator[Result]:
    """Check that Solr answers, and has CKAN's schema."""
    address = portal.text(SOLR).rstrip("/")
    if not address:
        yield report("solr-unset")
        return
    try:
        answer = _ask_solr(portal, f"{address}/select?q=*:*&rows=0")
        if answer.status_code in REFUSED:
            yield report("solr-refuses", address=address, status=answer.status_code)
            return
        if not answer.ok:
            yield report("solr-unreachable", address=address, reason=f"HTTP {answer.status_code}")
            return
        version = _schema_version(portal, address)
    except requests.RequestException as error:
        yield report("solr-unreachable", address=address, reason=error)
        return
    if version not in SUPPORTED_SCHEMA_VERSIONS:
        yield report("solr-schema", version=version or "?", required=SUPPORTED_SCHEMA_VERSIONS[-1])


def _ask_solr(portal: Portal, address: str) -> requests.Response:
    user = portal.text("solr_user")
    account = (user, portal.text("solr_password")) if user else None
    return requests.get(address, auth=account, timeout=SECONDS)


def _schema_version(portal: Portal, address: str) -> str:
    for path in SCHEMAS:
        answer = _ask_solr(portal, address + path)
        if not answer.ok:
            continue
        element = SCHEMA.search(answer.text)
        if element is None:
            continue
        attributes = dict(ATTRIBUTE.findall(element[0]))
        name = attributes.get("name", "")
        return name.partition("-")[2] if name.startswith("ckan-") else attributes.get("version", "")
    return ""


def workers(portal: Portal) -> Iterator[Result]:
    """Check which workers are registered in Redis, without enqueuing a job."""
    if not portal.redis_answers:
        return
    queue = _queue_name(portal)
    listening = [
        worker
        for worker in rq.Worker.all(connection=portal.redis())
        if queue in worker.queue_names()
    ]
    if not listening:
        yield report("workers-none")
        return
    elsewhere = {worker.hostname for worker in listening if worker.hostname} - {
        socket.gethostname()
    }
    if elsewhere and portal.text(STORAGE):
        yield report("storage-shared", value=portal.text(STORAGE), hosts=sorted(elsewhere))


def jobs_come_back(portal: Portal) -> Iterator[Result]:
    """Enqueue a job and a scheduled job, and wait for both."""
    connection = portal.redis()
    queue = rq.Queue(_queue_name(portal), connection=connection)
    limits = {"job_timeout": WAIT, "result_ttl": WAIT * 4, "failure_ttl": WAIT * 4}
    now = queue.enqueue("time.time", ttl=WAIT * 2, **limits)
    if not _comes_back(now):
        now.delete()
        yield report("worker-silent", seconds=WAIT)
        return
    later = queue.enqueue_in(timedelta(seconds=SCHEDULED), "time.time", **limits)
    if not _comes_back(later):
        later.delete()
        yield report("scheduler-silent", seconds=WAIT)


def _comes_back(job: Job) -> bool:
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        try:
            if job.get_status(refresh=True) in {"finished", "failed"}:
                return job.is_finished
        except NoSuchJobError:
            return False
        time.sleep(0.2)
    return False


def _queue_name(portal: Portal) -> str:
    return f"ckan:{portal.text('ckan.site_id')}:default"


def mail_server(portal: Portal) -> Iterator[Result]:
    """Check that the mail server accepts connections."""
    server = urlsplit(f"//{portal.text('smtp.server')}")
    if is_local(server.hostname or ""):
        return  # Another check reports that no mail server is configured.
    address = (server.hostname, server.port or 25)
    try:
        socket.create_connection(address, timeout=SECONDS).close()
    except (OSError, ValueError) as error:
        yield report("mail-unreachable", address=portal.text("smtp.server"), reason=error)


CHECKS = (
    Check(database, ("database-unset", "database-unreachable"), Needs.SERVICES),
    Check(redis, ("redis-unreachable",), Needs.SERVICES),
    Check(solr, ("solr-unset", "solr-unreachable", "solr-refuses", "solr-schema"), Needs.SERVICES),
    Check(workers, ("workers-none", "storage-shared"), Needs.SERVICES),
    Check(mail_server, ("mail-unreachable",), Needs.SERVICES),
    Check(jobs_come_back, ("worker-silent", "scheduler-silent"), Needs.WORKERS),
)
