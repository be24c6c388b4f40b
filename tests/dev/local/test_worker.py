"""The worker of `make portal` connects to no server of a private network but those it needs."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator

import pytest
import requests
from urllib3.util import connection

from ckanext.nd47.lib.web import public_network


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{self.path[4:]}/secret")
        else:
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        pass


def _serve() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture
def portal() -> Iterator[int]:
    yield from _serve()


@pytest.fixture
def secret() -> Iterator[int]:
    yield from _serve()


@pytest.fixture
def guard(portal: int, monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = public_network.places(
        f"http://127.0.0.1:{portal}/root", "http://a:b@127.0.0.1:1/solr/x"
    )
    guarded = public_network.guarded(connection.create_connection, allowed)
    monkeypatch.setattr(connection, "create_connection", guarded)


@pytest.mark.sockets
def test_without_the_guard_any_server_is_reached(secret: int):
    assert requests.get(f"http://127.0.0.1:{secret}/", timeout=5).status_code == 200


@pytest.mark.usefixtures("guard")
def test_portal_itself_is_reached(portal: int):
    assert requests.get(f"http://127.0.0.1:{portal}/a.csv", timeout=5).status_code == 200


@pytest.mark.usefixtures("guard")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "2130706433", "0x7f.1"])
def test_other_servers_of_the_machine_are_not_reached(secret: int, host: str):
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://{host}:{secret}/", timeout=5)


@pytest.mark.usefixtures("guard")
def test_a_redirect_is_no_way_round(portal: int, secret: int):
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{portal}/to/{secret}", timeout=5)


@pytest.mark.usefixtures("guard")
def test_a_name_that_leads_there_is_no_way_round(secret: int, monkeypatch: pytest.MonkeyPatch):
    real = socket.getaddrinfo

    def resolve(host: str, *more: object, **named: object) -> object:
        return real("127.0.0.1" if host == "evil.example" else host, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://evil.example:{secret}/", timeout=5)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.5.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "::127.0.0.1",
        "::ffff:0:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1.1.1.1",
        "fec0::1",
    ],
)
def test_private_address(address: str):
    assert not public_network.is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "203.162.4.190", "2001:4860:4860::8888", "64:ff9b::1.1.1.1"]
)
def test_public_address(address: str):
    assert public_network.is_public(address)
