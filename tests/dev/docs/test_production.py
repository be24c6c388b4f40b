"""The recipes of docs/production.md: what they name is there, and they let through what they must.

nginx, nftables and systemd check the syntax themselves (`nginx -t`, `nft -c -f`,
`systemd-analyze verify`); they are not on every machine, so what can be told without them is
checked here.
"""

from __future__ import annotations

import re
import textwrap
from ipaddress import ip_network

import pytest

from ckanext.nd47.lib.files.spreadsheets.sheet import LARGEST_FILE
from dev.local.run_folder import REPOSITORY

PAGE = (REPOSITORY / "docs" / "production.md").read_text(encoding="utf-8")
BLOCKS = [textwrap.dedent(one) for one in re.findall(r"(?ms)^ *```\w*\n(.*?)^ *```$", PAGE)]
SYSTEMD_NAMES = {"any", "localhost", "link-local", "multicast"}


def recipe(start: str) -> str:
    (found,) = [block for block in BLOCKS if block.startswith(start)]
    return re.sub(r"(?m)(^|\s)#.*$", "", found)


NGINX = recipe("limit_req_zone")
NFTABLES = recipe("table inet")
SYSTEMD = recipe("[Service]")
LOCATIONS = re.findall(r"location (~ )?(\S+) \{(.*?)\}", NGINX, re.DOTALL)


def body_for(path: str) -> str:
    """Return the location that nginx takes: the first expression that fits, else the prefix."""
    expressions = [(pattern, body) for kind, pattern, body in LOCATIONS if kind]
    fitting = [body for pattern, body in expressions if re.search(pattern, path)]
    return [*fitting, *(body for kind, _, body in LOCATIONS if not kind)][0]


@pytest.mark.parametrize("text", [NGINX, NFTABLES])
def test_braces_are_closed_and_directives_end(text: str):
    assert text.count("{") == text.count("}")
    if text is NGINX:
        flat = re.sub(r'"[^"]*"', '""', text)
        lines = [line.rstrip() for line in flat.splitlines() if line.strip()]
        # A directive that goes on in the next lines has them indented further.
        depth = 0
        for line in lines:
            indent = len(line) - len(line.lstrip())
            assert not depth or indent >= depth, line
            depth = (depth or indent + 1) if line[-1] not in ";{}" else 0
        assert not depth


def test_zones_that_are_used_are_declared():
    used = re.findall(r"limit_req zone=(\w+)", NGINX)
    declared = re.findall(r"limit_req_zone \S+ zone=(\w+):", NGINX)
    assert set(used) == set(declared)


def test_every_location_passes_the_request_on():
    assert len(LOCATIONS) == NGINX.count("location ")
    assert all("proxy_pass " in body for _, _, body in LOCATIONS)


@pytest.mark.parametrize("language", ["", "/vi", "/en"])
@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/user/login", "zone=login"),
        ("/user/reset", "zone=login"),
        ("/dataset/gia-dat/resource/new", "client_max_body_size"),
        ("/dataset/gia-dat/resource/1/edit", "client_max_body_size"),
        ("/organization/new", "client_max_body_size"),
        ("/organization/register/so/focal-point", "client_max_body_size"),
        ("/ckan-admin/agency-register", "client_max_body_size"),
        ("/ckan-admin/config", "client_max_body_size"),
        ("/user/edit/lan", "client_max_body_size"),
        ("/api/3/action/resource_create", "client_max_body_size"),
        ("/api/action/nd47_register_import", "client_max_body_size"),
        ("/work/spreadsheet", "client_max_body_size"),
        ("/api/3/action/nd47_spreadsheet_preview", "client_max_body_size"),
    ],
)
def test_a_path_has_the_limit_meant_for_it(language: str, path: str, part: str):
    assert part in body_for(language + path)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/dataset/",
        "/vi/dataset/new",
        "/user/lan",
        "/catalog.ttl",
        "/api/3/action/package_search",
    ],
)
def test_other_paths_have_that_of_the_server(path: str):
    assert "client_max_body_size" not in body_for(path)
    assert "zone=login" not in body_for(path)


def test_the_dump_has_its_own_limit():
    assert "zone=costly" in body_for("/catalog/dump.ttl")


def test_a_spreadsheet_of_the_register_passes():
    megabytes = int(re.findall(r"client_max_body_size (\d+)m", NGINX)[-1])
    assert megabytes * 2**20 > LARGEST_FILE


def test_networks_are_networks():
    named = re.findall(r"(?m)^IPAddress(?:Deny|Allow)=(.+)$", SYSTEMD)
    listed = [one for line in named for one in line.split() if one not in SYSTEMD_NAMES]
    sets = re.findall(r"ip6? daddr \{(.+?)\}", NFTABLES)
    listed += [one.strip() for part in sets for one in part.split(",")]
    assert len(listed) > 15
    assert all(ip_network(one) for one in listed)


def test_private_networks_are_refused_by_both():
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"):
        assert network in SYSTEMD
        assert network in NFTABLES
