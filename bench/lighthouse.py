"""Lighthouse on the pages that visitors see, with its standard phone setting.

Run by `make bench`, or alone by `python -m bench.lighthouse` while `make portal` runs. It installs
Lighthouse by npm at one version into the run folder. Without `make portal` it starts the sample
province's portal of the tests, which needs the services of `make bench`.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from dev.console import Steps, Stopped
from dev.local import supervision
from dev.local.instances import PORTAL, SAMPLE
from dev.local.machine import browser
from dev.local.run_folder import RUN, read_json
from dev.local.sample import fill
from dev.local.start import start_instance

VERSION = "12.8.2"
"""The newest version for Node.js 20."""

FOLDER = RUN / "node"
RUNS = 3
"""Of several runs the median counts: one may meet other work on the machine."""

SCORES = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
"""The least score of each category."""

MOST = {
    "total-byte-weight": 300_000,
    "largest-contentful-paint": 2_000,
    "cumulative-layout-shift": 0.02,
}
"""The greatest value of an audit: bytes over the wire, milliseconds, and a mere number."""

DATASET = "bang-gia-dat-2026"
FLAGS = "--headless=new --no-sandbox --disable-dev-shm-usage"


def main(arguments: list[str]) -> int:
    """Measure, print a table, and return 1 where a limit is broken.

    Args:
        arguments: `--quick` for one run of each page.
    """
    install()
    failed = False
    columns = ("perf.", "access.", "practices", "SEO", "bytes", "LCP ms", "CLS")
    say(f"{'page':<10}" + "".join(f"{column:>11}" for column in columns))
    with portal() as url:
        for name, path in pages(url).items():
            reports = [report(f"{url}{path}") for _ in range(1 if "--quick" in arguments else RUNS)]
            scores = {key: median(reports, "categories", key, "score") * 100 for key in SCORES}
            values = {key: median(reports, "audits", key, "numericValue") for key in MOST}
            failed = (
                failed
                or any(scores[key] < least for key, least in SCORES.items())
                or any(values[key] > most for key, most in MOST.items())
            )
            cells = [f"{score:>11.0f}" for score in scores.values()]
            size, paint, shift = values.values()
            say(f"{name:<10}{''.join(cells)}{size:>11.0f}{paint:>11.0f}{shift:>11.3f}")
            for audit in sorted(unmet(reports[-1])):
                say(f"{'':<10} {audit}")
    return int(failed)


def say(line: str) -> None:
    """Print a line of the result."""
    print(line, flush=True)  # noqa: T201 - the figures are the result


def install() -> None:
    """Install Lighthouse, unless this version is there.

    Raises:
        Stopped: npm is missing or refuses.
    """
    package = FOLDER / "node_modules" / "lighthouse" / "package.json"
    if read_json(package).get("version") == VERSION:
        return
    npm = shutil.which("npm")
    if not npm:
        raise Stopped("npm is not installed", "sudo apt-get install -y npm")
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]
    done = subprocess.run(
        [*command, "--prefix", str(FOLDER), f"lighthouse@{VERSION}"], check=False, cwd=FOLDER
    )
    if done.returncode:
        raise Stopped(f"npm does not install lighthouse {VERSION}")


@contextmanager
def portal() -> Iterator[str]:
    """Yield the address of the portal that runs, or of one that is started for the block.

    Raises:
        Stopped: neither a portal nor the services run.
    """
    if PORTAL.answers():
        yield PORTAL.url
        return
    if not supervision.is_running():
        raise Stopped("no portal runs here", "make portal BACKGROUND=1, or call it by make bench")
    steps = Steps(RUN / "logs" / "setup")
    start_instance(SAMPLE, steps)
    try:
        fill(SAMPLE, steps)
        yield SAMPLE.url
    finally:
        supervision.stop(*SAMPLE.processes)


def pages(url: str) -> dict[str, str]:
    """Return the path of each page, by its name."""
    answer = requests.get(f"{url}/api/3/action/package_show", {"id": DATASET}, timeout=60)
    dataset = answer.json()["result"]
    return {
        "home": "/",
        "search": f"/dataset/?q={quote('giá đất')}",
        "dataset": f"/dataset/{dataset['name']}",
        "file": f"/dataset/{dataset['name']}/resource/{dataset['resources'][0]['id']}",
        "agency": f"/organization/{dataset['organization']['name']}",
    }


def report(address: str) -> dict[str, Any]:
    """Return Lighthouse's report on a page.

    Raises:
        Stopped: it gives none.
    """
    program = FOLDER / "node_modules" / ".bin" / "lighthouse"
    path = Path(FOLDER, "report.json")
    path.unlink(missing_ok=True)
    subprocess.run(
        [
            *(str(program), address, "--quiet", "--output=json", f"--output-path={path}"),
            f"--chrome-flags={FLAGS}",
        ],
        check=False,
        env={**os.environ, "CHROME_PATH": browser() or ""},
        timeout=300,
    )
    result: dict[str, Any] = read_json(path)
    if not result or result.get("runtimeError"):
        reason = json.dumps(result.get("runtimeError", "no report"))
        raise Stopped(f"Lighthouse could not read {address}: {reason}")
    return result


def median(reports: list[dict[str, Any]], *path: str) -> float:
    """Return the median of a number in each report."""
    values = []
    for one in reports:
        value: Any = one
        for key in path:
            value = value[key]
        values.append(float(value or 0))
    return statistics.median(values)


def unmet(result: dict[str, Any]) -> Iterator[str]:
    """Return the audits that cost points; the times are in the table."""
    for name, category in result["categories"].items():
        if name == "performance":
            continue
        for reference in category["auditRefs"]:
            audit = result["audits"][reference["id"]]
            if reference["weight"] and audit["score"] is not None and audit["score"] < 1:
                yield f"{name}: {audit['title']}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
