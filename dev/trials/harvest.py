"""Lets the national portal harvest the province's portal and reports the result.

    python -m dev.trials.harvest .run/credentials.json

Everything goes through the action API of the two portals, as an administrator's own script would:
the harvest source, the job, the comparison. The work itself is done by the national portal's queue
consumers (`ckan harvester gather-consumer` and `fetch-consumer`). The other way, `ckan harvester
run-test`, needs the national portal's configuration file, hides what queues and a second process
do to a harvest, and works once only: after a job the search index has lost the `source_type` of
the source (ckanext-harvest 1.6.3 on CKAN 2.12), which that command reads from there. The consumers
read it from the database.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from dev.trials.harvest_report import Dataset, Report, compare_fields

ORGANISATION = "tinh"
ROWS = 200
POLL_SECONDS = 1.0
REQUEST_SECONDS = 120
JOB_SECONDS = 900


class HarvestError(Exception):
    """The harvest could not run; the message says what to do."""


class ActionError(HarvestError):
    """An action of a portal failed."""


@dataclass(frozen=True)
class Source:
    """A way to harvest the province's portal.

    Attributes:
        name: name of the harvest source.
        kind: `source_type` of the harvester.
        path: what follows the address of the portal.
    """

    name: str
    kind: str
    path: str


DCAT = Source("tinh", "dcat_rdf", "/catalog.ttl")


@dataclass(frozen=True)
class Portal:
    """One CKAN portal.

    Attributes:
        url: its address.
        token: API token of an administrator.
    """

    url: str
    token: str

    def call(self, action: str, **data: object) -> Any:
        """Call an action and return its result.

        Raises:
            ActionError: the portal does not respond, or refuses.
        """
        address = f"{self.url.rstrip('/')}/api/3/action/{action}"
        try:
            answer = requests.post(
                address,
                json=data,
                headers={"Authorization": self.token},
                timeout=REQUEST_SECONDS,
            )
            content = answer.json()
        except (requests.RequestException, ValueError) as error:
            msg = f"{address} gave no answer that can be read: {error}"
            raise ActionError(msg) from error
        if not content.get("success"):
            msg = f"{address}: {json.dumps(content.get('error'), ensure_ascii=False)}"
            raise ActionError(msg)
        return content["result"]

    def exists(self, action: str, name: str) -> bool:
        """Return whether a show action finds this name."""
        address = f"{self.url.rstrip('/')}/api/3/action/{action}"
        answer = requests.get(
            address,
            params={"id": name},
            headers={"Authorization": self.token},
            timeout=REQUEST_SECONDS,
        )
        return answer.ok

    def datasets(self) -> Iterator[Dataset]:
        """Yield every public dataset, in an order that does not change meanwhile."""
        start = 0
        while True:
            page = self.call(
                "package_search",
                fq="dataset_type:dataset",
                rows=ROWS,
                start=start,
                sort="metadata_created asc, id asc",
            )["results"]
            if not page:
                return
            yield from page
            start += ROWS


def ensure_source(province: Portal, national: Portal, source: Source = DCAT) -> str:
    """Create the organisation and the harvest source on the national portal where missing.

    Returns:
        The id of the source.
    """
    if not national.exists("organization_show", ORGANISATION):
        title = province.call("status_show")["site_title"]
        national.call("organization_create", name=ORGANISATION, title=title)
    address = f"{province.url.rstrip('/')}{source.path}"
    source_dict = {
        "name": source.name,
        "title": source.name,
        "url": address,
        "source_type": source.kind,
        "owner_org": ORGANISATION,
        "frequency": "MANUAL",
    }
    if not national.exists("harvest_source_show", source.name):
        national.call("harvest_source_create", **source_dict)
    shown = national.call("harvest_source_show", id=source.name)
    if shown["url"] != address:
        # The first portal came up on another port since. A patch would lose the type.
        national.call("harvest_source_update", id=shown["id"], **source_dict)
    return shown["id"]


def run_job(national: Portal, source: str, seconds: float = JOB_SECONDS) -> dict[str, Any]:
    """Run one harvest job to its end and return it.

    Raises:
        HarvestError: the job did not end in time.
    """
    job = national.call("harvest_job_create", source_id=source, run=True)
    return end_job(national, source, job, seconds)


def end_job(
    national: Portal, source: str, job: dict[str, Any], seconds: float = JOB_SECONDS
) -> dict[str, Any]:
    """Wait for the end of a job that was begun, and return it.

    Raises:
        HarvestError: it did not end in time.
    """
    deadline = time.monotonic() + seconds
    while not all_imported(job):
        if time.monotonic() > deadline:
            msg = (
                f"The harvest job did not end within {seconds:.0f} s. Do the national portal's "
                "gather-consumer and fetch-consumer run?"
            )
            raise HarvestError(msg)
        time.sleep(POLL_SECONDS)
        job = national.call("harvest_job_show", id=job["id"])
    # ckanext-harvest marks a job as finished only when this is called, usually by cron. Not while
    # it works: objects that wait would be queued, and imported, a second time.
    national.call("harvest_jobs_run", source_id=source)
    return national.call("harvest_job_show", id=job["id"])


def all_imported(job: dict[str, Any]) -> bool:
    """Return whether every object of a job has been dealt with."""
    waiting = job.get("stats", {}).get("null", 0)
    return job["status"] == "Finished" or (bool(job.get("gather_finished")) and not waiting)


def job_errors(job: dict[str, Any]) -> list[str]:
    """Return the messages of a job's errors, each with the number of its occurrences."""
    return [
        f"{entry['message']} (x{entry['error_count']})"
        for summary in ("gather_error_summary", "object_error_summary")
        for entry in job.get(summary) or []
    ]


def compare(province: Portal, national: Portal) -> Report:
    """Harvest once and compare every public dataset with its copy."""
    job = run_job(national, ensure_source(province, national))
    originals = {f"{province.url.rstrip('/')}/dataset/{d['id']}": d for d in province.datasets()}
    harvested = {str(d.get("uri")): d for d in national.datasets()}
    copies = {uri: d for uri, d in harvested.items() if uri.startswith(province.url)}
    both = sorted(originals.keys() & copies.keys())
    return Report(
        province=len(originals),
        national=len(copies),
        job={name: count for name, count in job.get("stats", {}).items() if count},
        missing=sorted(str(originals[uri]["name"]) for uri in originals.keys() - copies.keys()),
        stale=sorted(copies.keys() - originals.keys()),
        errors=job_errors(job),
        fields=compare_fields((originals[uri], copies[uri]) for uri in both),
    )


def read_portals(credentials: Path, names: Sequence[str]) -> list[Portal]:
    """Return portals from a credentials file.

    Raises:
        HarvestError: the file is not there, or does not know a portal.
    """
    try:
        accounts = json.loads(credentials.read_text(encoding="utf-8"))
        return [
            Portal(accounts[name]["url"], accounts[name]["sysadmin"]["token"]) for name in names
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{credentials} does not name the portals {' and '.join(names)}: {error!r}"
        raise HarvestError(msg) from error


def main(arguments: Sequence[str]) -> int:
    """Run from the command line; 0 when every dataset arrived without an error."""
    parser = argparse.ArgumentParser(prog="python -m dev.trials.harvest", description=__doc__)
    parser.add_argument("credentials", type=Path, help="JSON file with address and token of both")
    options = parser.parse_args(arguments)
    try:
        province, national = read_portals(options.credentials, ("portal", "national"))
        report = compare(province, national)
    except HarvestError as error:
        print(error, file=sys.stderr)
        return 2
    print(report.table())
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
