"""Hook of mkdocs: prepares `docs/` for the site, so that the same files read well on a forge.

On a forge, pages link to files of the repository (`../schemas/dataset.yaml`), and generated pages
have a Vietnamese chapter before an English one. For the site the pages are copied to
`.run/site-source`:

- a linked file of the repository outside `docs/` becomes a page below `source/`;
- a page of two chapters becomes one page for each language.

A link that leads nowhere is left as it is: mkdocs names it, and `--strict` fails. Run by mkdocs,
which loads this file by its path; so it imports nothing of this project.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = "docs"
SOURCE = "source"
STAGED = Path(".run") / "site-source"
FENCE = re.compile(r"^\s*(```|~~~)")
LINK = re.compile(r"(\]\()([^)\s#]+)(#[^)\s]*)?\)")
SCHEME = re.compile(r"^[a-z][a-z+.-]*:|^/")
# A line that leads to the other language; the site has a switch for that.
SWITCH = re.compile(r"^\[(Tiếng Việt|English)\]\([^)]*\)( · \[(Tiếng Việt|English)\]\([^)]*\))*$")
LANGUAGES = {".yaml": "yaml", ".yml": "yaml", ".py": "python", ".ttl": "turtle", ".toml": "toml"}


@event_priority(100)
def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Let mkdocs read the prepared pages instead of `docs/`."""
    target = REPOSITORY / STAGED
    # mkdocs calls this once for each language.
    if Path(config.docs_dir) != target:
        stage(REPOSITORY, target)
        config.docs_dir = str(target)
    return config


def stage(repository: Path, target: Path) -> None:
    """Write all pages of the site, and what they link to, into an empty folder."""
    shutil.rmtree(target, ignore_errors=True)
    files = (path for path in (repository / DOCS).rglob("*") if path.is_file())
    pending = [str(path.relative_to(repository)) for path in files]
    visited = set(pending)
    while pending:
        path = pending.pop()
        for address, content in pages(repository, path):
            file = target / address
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                file.write_bytes(content)
                continue
            text, linked = with_links(repository, path, content)
            file.write_text(text, encoding="utf-8")
            pending += linked - visited
            visited |= linked


def pages(repository: Path, path: str) -> Iterator[tuple[str, str | bytes]]:
    """Yield address and content of what a file or folder of the repository is on the site."""
    file = repository / path
    if file.is_dir():
        names = sorted(p.name for p in file.iterdir() if not p.name.startswith((".", "__")))
        yield (
            address_of(repository, path),
            "\n".join([f"# `{path}`", "", *(f"- [{name}]({name})" for name in names)]),
        )
    elif file.suffix == ".md":
        yield from chapters(address_of(repository, path), file.read_text(encoding="utf-8"))
    elif path.startswith(f"{DOCS}/"):
        yield address_of(repository, path), file.read_bytes()
    else:
        content = file.read_text(encoding="utf-8")
        language = LANGUAGES.get(file.suffix, "text")
        yield address_of(repository, path), f"# `{path}`\n\n~~~~~~ {language}\n{content}\n~~~~~~\n"


def address_of(repository: Path, path: str) -> str:
    """Return the path of a file of the repository on the site."""
    if path.startswith(f"{DOCS}/"):
        return path.removeprefix(f"{DOCS}/")
    if (repository / path).is_dir():
        return f"{SOURCE}/{path}/index.md"
    # A dot would make `mapping.py.md` a page in the language `py`.
    folder, name = os.path.split(path)
    name = name if name.endswith(".md") else f"{name.replace('.', '-')}.md"
    return "/".join(filter(None, (SOURCE, folder, name)))


def chapters(address: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield a page, or its Vietnamese and its English chapter as two pages."""
    lines = [line for line, code in _lines(text) if code or not SWITCH.match(line)]
    text = "\n".join(lines)
    headings = enumerate(_lines(text))
    starts = [n for n, (line, code) in headings if not code and line.startswith("# ")]
    if len(starts) == 1 or address.startswith(f"{SOURCE}/"):
        yield address, text
        return
    vietnamese, english = starts[-2:]
    yield address.removesuffix(".md") + ".vi.md", "\n".join(lines[vietnamese:english])
    yield address, "\n".join(lines[english:])


def with_links(repository: Path, path: str, text: str) -> tuple[str, set[str]]:
    """Return a page with the links of the site, and the files outside `docs/` that it links to."""
    linked: set[str] = set()
    folder = path if (repository / path).is_dir() else os.path.dirname(path)
    here = os.path.dirname(address_of(repository, path))

    def replaced(match: re.Match[str]) -> str:
        opening, link, anchor = match.groups()
        if SCHEME.match(link):
            return match[0]
        target = os.path.normpath(os.path.join(folder, link))
        if not target.startswith(f"{DOCS}/") and target != DOCS:
            if target.startswith("..") or not (repository / target).exists():
                return match[0]
            linked.add(target)
        address = os.path.relpath(address_of(repository, target), here or ".")
        return f"{opening}{address}{anchor or ''})"

    lines = (line if code else LINK.sub(replaced, line) for line, code in _lines(text))
    return "\n".join(lines), linked


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each line, and whether it belongs to a block of code."""
    fence = ""
    for line in text.splitlines():
        mark = FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
            yield line, True
        elif mark and mark[1] == fence:
            fence = ""
            yield line, True
        else:
            yield line, bool(fence)
