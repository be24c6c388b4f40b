"""Checks the fragments in `changes/`, without asking git or the network.

`towncrier check` compares branches and passes over a file whose name it does not understand; such
a file would never reach `CHANGELOG.md`. Run as `python -m dev.changes`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from dev.console import say
from dev.local.run_folder import REPOSITORY

CHANGES = REPOSITORY / "changes"
NAME = re.compile(r"\+?[a-z0-9][a-z0-9-]*\.([a-z]+)\.md")
LONGEST = 600
"""Characters of a fragment: one or two sentences, some more for a migration."""


def kinds() -> list[str]:
    """Return the kinds of change that `pyproject.toml` declares."""
    # The oldest Python of the suite has no parser of TOML.
    content = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    return re.findall(r'\[\[tool\.towncrier\.type\]\]\ndirectory = "(\w+)"', content)


def mistakes(folder: Path, kinds_allowed: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each fragment that towncrier would lose or print badly."""
    for path in sorted(folder.iterdir()):
        if path.name in {"README.md", ".gitignore"}:
            continue
        name = NAME.fullmatch(path.name)
        if not name or not path.is_file():
            yield f"{path.name}: a fragment is named <short-name>.<kind>.md, in small letters"
        elif name[1] not in kinds_allowed:
            yield f"{path.name}: the kind is one of {', '.join(kinds_allowed)}"
        else:
            yield from _mistakes_of_text(path)


def _mistakes_of_text(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8").strip()
    if not text:
        yield f"{path.name}: it is empty"
    elif len(text) > LONGEST:
        yield f"{path.name}: {len(text)} characters; a fragment has one or two sentences"
    if text and text[-1] not in ".`":
        yield f"{path.name}: it does not end with a full stop"
    if re.search(r"(?m)^(#|[-*] )", text):
        yield f"{path.name}: a fragment becomes one item of a list; no headings or lists in it"


def main() -> int:
    """Print the mistakes; exit code 1 where there are any."""
    found_mistakes = list(mistakes(CHANGES, kinds()))
    for mistake in found_mistakes:
        say(f"changes/{mistake}")
    return 1 if found_mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
