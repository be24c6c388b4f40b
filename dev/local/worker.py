"""A background worker that fetches files for the DataStore from the public network alone.

ckanext-xloader fetches whatever address an editor has given a file. On a server that is the way
into it: to its search index, its other services, the rest of the private network. So this process
connects to public addresses, to Solr, which asks for a password, and to the portal itself, which
gives everybody what is public; to nothing else over HTTP, whichever name or redirect leads there.

Usage: python -m dev.local.worker INI ARGUMENTS, the arguments being those of `ckan`.
"""

from __future__ import annotations

import configparser
import sys

from urllib3.util import connection

from ckan.cli.cli import ckan

from ckanext.nd47.lib.web.public_network import guarded, places


def main() -> None:
    """Run a command of CKAN in this process, connections guarded."""
    ini, *arguments = sys.argv[1:]
    parser = configparser.RawConfigParser(delimiters=("=",))
    parser.read(ini, encoding="utf-8")
    options = parser["app:main"]
    allowed = places(options["ckan.site_url"], options["solr_url"])
    connection.create_connection = guarded(connection.create_connection, allowed)
    ckan(["-c", ini, *arguments])


if __name__ == "__main__":
    main()
