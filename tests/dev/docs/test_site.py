"""The documentation as a site: links, languages, and no other host."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dev.docs.site import stage
from dev.local.run_folder import REPOSITORY

pytestmark = pytest.mark.slow

HOOK = Path("dev") / "docs" / "site.py"
# What a browser fetches by itself; a link that a reader follows may lead anywhere.
FETCHED = re.compile(
    r"""(?:<(?:script|img|iframe|source)\b[^>]*?\bsrc=|url\()\s*["']?(?:https?:)?//"""
)
LINK_ELEMENT = re.compile(r"<link\b[^>]*>")


def build(repository: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "true"}
    return subprocess.run(
        command, cwd=repository, env=quiet, capture_output=True, text=True, check=False
    )


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A repository with this one's settings of mkdocs and a single page."""
    settings = (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8")
    before, _ = settings.split("\nnav:\n")
    (tmp_path / "mkdocs.yml").write_text(f"{before}\nnav:\n  - index.md\n", encoding="utf-8")
    (tmp_path / HOOK).parent.mkdir(parents=True)
    shutil.copy(REPOSITORY / HOOK, tmp_path / HOOK)
    (tmp_path / "docs").mkdir()
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "dataset.yaml").write_text("title: a\n", encoding="utf-8")
    return tmp_path


def write(repository: Path, text: str, name: str = "index.md") -> None:
    (repository / "docs" / name).write_text(text, encoding="utf-8")


def test_a_link_to_a_file_of_the_repository_leads_to_its_page(small: Path):
    write(small, "# Home\n\n[the schema](../schemas/dataset.yaml), [all](../schemas)\n")
    result = build(small)
    assert result.returncode == 0, result.stdout + result.stderr
    page = (small / ".run" / "site" / "index.html").read_text(encoding="utf-8")
    assert 'href="source/schemas/dataset-yaml/"' in page
    assert "title" in (small / ".run/site/source/schemas/dataset-yaml/index.html").read_text()
    assert "dataset.yaml" in (small / ".run/site/source/schemas/index.html").read_text()


def test_links_that_lead_nowhere_fail(small: Path):
    links = [
        "gone.md",
        "../gone.md",
        "../schemas/gone.yaml",
        "../../outside.md",
        "#gone",
        "/abs.md",
    ]
    for number, link in enumerate(links):
        write(small, f"# Page\n\n[a]({link})\n", f"page-{number}.md")
    write(small, "# Home\n")
    pages = [f"  - page-{number}.md" for number in range(len(links))]
    settings = (small / "mkdocs.yml").read_text(encoding="utf-8")
    (small / "mkdocs.yml").write_text("\n".join([settings.rstrip(), *pages, ""]), encoding="utf-8")
    result = build(small)
    assert result.returncode != 0
    warnings = [line for line in (result.stdout + result.stderr).splitlines() if "WARN" in line]
    for number, link in enumerate(links):
        told = [warning for warning in warnings if f"page-{number}." in warning]
        assert told, (link, warnings)
        assert link.rsplit("/", 1)[-1] in told[0]


def test_a_page_that_the_navigation_leaves_out_fails(small: Path):
    write(small, "# Home\n")
    write(small, "# Forgotten\n", "forgotten.md")
    result = build(small)
    assert result.returncode != 0
    assert "forgotten.md" in result.stdout + result.stderr


def test_a_page_of_two_chapters_becomes_one_for_each_language(small: Path):
    chapters = "# Hai\n\n[English](#two)\n\n```sh\n# no heading\n```\n\n# Two\n\ntext\n"
    write(small, chapters)
    stage(small, small / "staged")
    vietnamese = (small / "staged" / "index.vi.md").read_text(encoding="utf-8")
    assert vietnamese.startswith("# Hai")
    assert "# no heading" in vietnamese
    assert "English" not in vietnamese
    assert (small / "staged" / "index.md").read_text(encoding="utf-8").startswith("# Two")


def test_links_in_code_are_left_alone(small: Path):
    write(small, "# Home\n\n```md\n[a](../schemas/dataset.yaml)\n```\n")
    stage(small, small / "staged")
    assert "](../schemas/dataset.yaml)" in (small / "staged" / "index.md").read_text()
    assert not (small / "staged" / "source").exists()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of this checkout."""
    folder = tmp_path_factory.mktemp("site")
    names = os.listdir(REPOSITORY)
    for name in names:
        if not name.startswith("."):
            (folder / name).symlink_to(REPOSITORY / name)
    # The hook finds the repository by its own path, which a link would lead away from here.
    (folder / "dev").unlink()
    (folder / HOOK).parent.mkdir(parents=True)
    for path in (REPOSITORY / "dev").iterdir():
        if path.name != "docs":
            (folder / "dev" / path.name).symlink_to(path)
    shutil.copy(REPOSITORY / HOOK, folder / HOOK)
    result = build(folder)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder / ".run" / "site"


def test_no_page_has_the_browser_ask_another_host(site: Path):
    pages = [*site.rglob("*.html"), *site.rglob("*.css")]
    assert len(pages) > 30
    asking = []
    for page in pages:
        text = page.read_text(encoding="utf-8")
        links = [x for x in LINK_ELEMENT.findall(text) if not re.search("canonical|alternate", x)]
        if FETCHED.search(text) or any(re.search(r"href=.?(https?:)?//", x) for x in links):
            asking.append(page.name)
    assert asking == []


def test_the_search_knows_both_languages(site: Path):
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    assert set(index["config"]["lang"]) == {"en", "vi"}
    places = {entry["location"].split("#")[0] for entry in index["docs"]}
    assert {"tutorials/officer/", "vi/tutorials/officer/"} <= places
    assert (site / "assets" / "javascripts" / "lunr" / "min" / "lunr.vi.min.js").exists()


@pytest.mark.parametrize("page", ["metadata", "rules", "dcat", "configure", "own-schema"])
def test_pages_in_both_languages_are_shown_in_the_language_of_the_site(site: Path, page: str):
    def title(folder: Path) -> str:
        text = (folder / page / "index.html").read_text(encoding="utf-8")
        (heading,) = re.findall(r"<h1[^>]*>(.*?)<a", text, re.DOTALL)
        return heading

    assert title(site).isascii()
    assert not title(site / "vi").isascii()
