"""`python -m dev.province`: load the sample province into a running portal."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from . import approvals, catalogues, plans
from .client import Portal
from .content import DEFAULT_SEED, province
from .documents import FontMissingError
from .loader import LoadError, load
from .model import Province, Summary

BAR_WIDTH = 30
TITLE_WIDTH = 60


def main(arguments: list[str] | None = None) -> int:
    """Load the province and report the changes; return the exit code."""
    options = _parser().parse_args(arguments)
    token = _read_token(options.token_file)
    if token is None:
        return 2
    started = time.monotonic()
    report = _bar if sys.stdout.isatty() else _lines
    try:
        content = province(options.seed)
        summary = load(options.url, token, report=report, content=content, only=options.only)
        if options.only is None:
            _load_approvals(options.url, token, content)
    except (LoadError, FontMissingError) as error:
        print()
        print(error, file=sys.stderr)
        return 1
    print(_sentence(summary, time.monotonic() - started))
    return 0


def _load_approvals(url: str, token: str, content: Province) -> None:
    """Load cases of approval, catalogues and a plan, after the datasets that they are about."""
    officer = Portal(url, token)
    try:
        approvals.load(
            content,
            officer,
            lambda: Portal(url, approvals.token_of(officer, content.approver)),
        )
        catalogues.load(content, officer)
        plans.load(content, officer)
    finally:
        officer.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dev.province", description=__doc__)
    parser.add_argument("--url", required=True, help="address of the portal")
    parser.add_argument(
        "--token-file", required=True, type=Path, help="file with a sysadmin's API token"
    )
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="fixes the random values")
    parser.add_argument("--only", type=int, help="load only so many datasets")
    return parser


def _read_token(path: Path) -> str | None:
    try:
        token = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        print(f"cannot read the token file: {error}", file=sys.stderr)
        return None
    if not token:
        print(f"the token file {path} is empty", file=sys.stderr)
        return None
    return token


def _bar(done: int, total: int, title: str) -> None:
    filled = BAR_WIDTH * done // total
    bar = "#" * filled + "." * (BAR_WIDTH - filled)
    end = "\n" if done == total else ""
    print(
        f"\r[{bar}] {done}/{total} {title[:TITLE_WIDTH]:<{TITLE_WIDTH}}",
        end=end,
        flush=True,
    )


def _lines(done: int, total: int, title: str) -> None:
    """Say every tenth step: a log needs no line for each dataset."""
    if done % 10 == 0 or done == total:
        print(f"  {done}/{total} {title}", flush=True)


def _sentence(summary: Summary, seconds: float) -> str:
    parts = [
        f"{summary.organisations_created} organisations and {summary.datasets_created} datasets"
        f" created with {summary.files_uploaded} files",
    ]
    if summary.datasets_completed:
        parts.append(f"{summary.datasets_completed} unfinished ones completed")
    if summary.datasets_unchanged:
        parts.append(f"{summary.datasets_unchanged} there already")
    if summary.datasets_deleted_by_users:
        parts.append(f"{summary.datasets_deleted_by_users} deleted by users left deleted")
    return f"Sample province: {', '.join(parts)} ({seconds:.0f} s)"


if __name__ == "__main__":
    sys.exit(main())
