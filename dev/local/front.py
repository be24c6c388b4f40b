"""nginx in front of a portal: it compresses, lets files be cached, and shares among nodes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from dev.local.run_folder import REPOSITORY, RUN, write_private

TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
"""Folders in which nginx buffers; those of Debian belong to its own account."""

DELIVERY = REPOSITORY / "dev" / "local" / "nginx" / "delivery.conf"
"""Compression and caching, as docs/production.md gives them."""


def configuration(name: str) -> Path:
    """Return the path of nginx's configuration for an instance."""
    return RUN / "nginx" / name / "nginx.conf"


def write(name: str, port: int, nodes: Sequence[int]) -> None:
    """Write the configuration: one address, requests to whichever node answers.

    Args:
        name: name of the instance.
        port: port of nginx.
        nodes: ports of the web servers behind it.
    """
    folder = configuration(name).parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    paths = "".join(f"  {kind}_temp_path {folder}/{kind};\n" for kind in TEMPORARY)
    # A single web server is never left out: there is no other.
    limits = "max_fails=1 fail_timeout=2s" if len(nodes) > 1 else "max_fails=0"
    servers = "".join(f"    server 127.0.0.1:{node} {limits};\n" for node in nodes)
    user = "user root;\n" if os.geteuid() == 0 else ""
    delivery = DELIVERY.read_text(encoding="utf-8")
    write_private(
        configuration(name),
        f"""{user}daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 512; }}
http {{
  access_log off;
{paths}  upstream portal {{
{servers}  }}
  server {{
    listen 127.0.0.1:{port};
    client_max_body_size 100m;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_connect_timeout 2s;
    proxy_read_timeout 120s;
    # Only what may be sent twice is sent to the other node: a save is not.
    proxy_next_upstream error timeout http_502 http_503;
    location / {{ proxy_pass http://portal; }}
{delivery}  }}
}}
""",
    )
