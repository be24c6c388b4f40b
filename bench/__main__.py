"""`make bench`: every benchmark of this folder, each in a process of its own."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Run the benchmarks one after another; return 1 if one of them exceeds a limit."""
    names = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    codes = [_run(name, arguments) for name in sorted(names) if not name.startswith("_")]
    return int(any(codes))


def _run(name: str, arguments: list[str]) -> int:
    print(f"-- {name}", flush=True)  # noqa: T201 - says which figures follow
    command = [sys.executable, "-m", f"bench.{name}", *arguments]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - a module of ours


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
