"""The process that converts one file, with limits of memory and processor time.

Usage: python -m ckanext.nd47.tables.resource_views.map.convert FILE
       < name as JSON > GeoJSON, or what went wrong
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from ckanext.nd47.tables.check import limits as check_limits
from ckanext.nd47.tables.check.report import FileError
from ckanext.nd47.tables.resource_views.map.convert import limits
from ckanext.nd47.tables.resource_views.map.convert.formats import read


def main() -> None:
    """Convert a file."""
    name = json.load(sys.stdin)["name"]
    memory = check_limits.MEMORY
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    seconds = limits.PROCESSOR_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        result = read(Path(sys.argv[1]), name).as_geojson()
    except FileError as error:
        result = {"code": error.code, "facts": dict(error.facts)}
    except MemoryError:
        facts = {"limit": f"{memory // check_limits.MEGABYTE} MB"}
        result = {"code": "too-large", "facts": facts}
    json.dump(result, sys.stdout, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main()
