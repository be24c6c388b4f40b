"""No address that somebody gives a file leads to the servers behind the portal."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests

from dev.local.run_folder import REPOSITORY, own_environment, ports
from tests.support.running import Portal

pytestmark = pytest.mark.portals

PATIENCE = 300
TABLE = "ten;so\nHồ Vĩnh Khuê;1\nHồ Lộc Thủy;2\n".encode()


def call(portal: Portal, action: str, files: Any = None, **data: Any) -> Any:
    """Call an action as the data officer."""
    given: dict[str, Any] = {"data": data, "files": files} if files else {"json": data}
    reply = requests.post(
        f"{portal.url}/api/3/action/{action}",
        headers={"Authorization": portal.editor["token"]},
        timeout=120,
        **given,
    )
    assert reply.status_code == 200, reply.text
    return reply.json()["result"]


@pytest.fixture
def dataset(province: Portal) -> Iterator[dict[str, Any]]:
    """A dataset of the data officer."""
    (agency, *_) = call(province, "organization_list_for_user", permission="create_dataset")
    name = f"dia-chi-{uuid4().hex[:8]}"
    made = call(province, "package_create", name=name, owner_org=agency["id"], state="draft")
    yield made
    call(province, "package_delete", id=made["id"])


@pytest.fixture
def server() -> Iterator[http.server.ThreadingHTTPServer]:
    """A server on the machine that nobody outside is to read; it notes who does."""
    asked: list[str] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/csv")
            self.send_header("Content-Length", str(len(TABLE)))
            self.end_headers()
            self.wfile.write(TABLE)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as found:
        found.asked = asked  # type: ignore[attr-defined]
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


def fetched(portal: Portal, resource: dict[str, Any]) -> bool:
    """Load a file with xloader, in a worker of its own; return whether the worker could read it."""
    command = [
        "dev.local.worker",
        str(portal.ini),
        "xloader",
        "submit",
        resource["package_id"],
        "--sync",
    ]
    done = subprocess.run(
        [sys.executable, "-m", *command],
        env=own_environment(),
        cwd=REPOSITORY,
        check=False,
        timeout=PATIENCE,
        capture_output=True,
        text=True,
    )
    assert "Fetching from" in done.stderr, done.stderr
    return "Downloaded ok" in done.stderr


def test_uploads_are_read(province: Portal, dataset: dict[str, Any]) -> None:
    """The counterpart: the worker reads them from the portal's own address."""
    upload = {"upload": ("ho.csv", TABLE, "text/csv")}
    made = call(
        province, "resource_create", upload, package_id=dataset["id"], name="Hồ", format="CSV"
    )
    assert fetched(province, made)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_file_of_another_server_of_the_machine_is_not_fetched(
    province: Portal, dataset: dict[str, Any], server: Any, host: str
) -> None:
    url = f"http://{host}:{server.server_address[1]}/secret.csv"
    made = call(province, "resource_create", package_id=dataset["id"], url=url, format="CSV")
    assert not fetched(province, made)
    assert server.asked == []


def test_search_index_is_not_read(province: Portal, dataset: dict[str, Any]) -> None:
    url = f"http://127.0.0.1:{ports()['solr']}/solr/sample/select?q=*:*&fl=name,title&wt=csv"
    assert requests.get(url, timeout=20).status_code == 401
    made = call(province, "resource_create", package_id=dataset["id"], url=url, format="CSV")
    assert not fetched(province, made)
    shown = requests.get(
        f"{province.url}/dataset/{dataset['id']}/resource/{made['id']}/proxy",
        headers={"Authorization": province.editor["token"]},
        timeout=20,
    )
    assert shown.status_code == 404
