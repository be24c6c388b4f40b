"""nginx in front of the two nodes of the portal of `make multinode`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from dev.run_folder import RUN, write_private

TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
"""Folders in which nginx buffers; those of Debian belong to its own account."""


def configuration() -> Path:
    """Return the path of nginx's configuration."""
    return RUN / "nginx" / "nginx.conf"


def write(port: int, nodes: Sequence[int]) -> None:
    """Write the configuration: one address, requests to whichever node answers.

    Args:
        port: port of nginx.
        nodes: ports of the web servers behind it.
    """
    folder = configuration().parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    paths = "".join(f"  {kind}_temp_path {folder}/{kind};\n" for kind in TEMPORARY)
    servers = "".join(
        f"    server 127.0.0.1:{node} max_fails=1 fail_timeout=2s;\n" for node in nodes
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    write_private(
        configuration(),
        f"""{user}daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 512; }}
http {{
  access_log off;
{paths}  upstream nodes {{
{servers}  }}
  server {{
    listen 127.0.0.1:{port};
    client_max_body_size 100m;
    location / {{
      proxy_pass http://nodes;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_connect_timeout 2s;
      proxy_read_timeout 120s;
      # Only what may be sent twice is sent to the other node: a save is not.
      proxy_next_upstream error timeout http_502 http_503;
    }}
  }}
}}
""",
    )
