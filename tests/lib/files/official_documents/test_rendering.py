"""Documents as LibreOffice opens them: their pages, and their look beside an approved picture.

After a wanted change, look at the new pictures and store them:
`ND47_NEW_PICTURES=1 make test ARGS=tests/lib/files/official_documents/test_rendering.py`.
"""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path
from typing import NamedTuple

import docx
import pypdf
import pytest
from docx.oxml.ns import qn
from PIL import Image, ImageChops, ImageFilter, ImageStat

from ckanext.nd47.lib.files.official_documents import writing
from ckanext.nd47.lib.files.official_documents.document import OfficialDocument
from dev.local.machine import office
from tests.lib.files.official_documents.sample import annex, decision, wide

pytestmark = pytest.mark.slow

PICTURES = Path(__file__).parent / "pictures"
WIDTH = 420
"""Pixels of a picture: enough for the place of every line of text."""
BLUR = 2
MOST_DIFFERENT = 6.0
"""Mean difference of the grey of two pictures, of 255. Another version of LibreOffice differs by
less, a line of text at another place by more."""
SECONDS = 120


class Opened(NamedTuple):
    """A document before and after LibreOffice opened it."""

    source: bytes
    pdf: pypdf.PdfReader
    saved: bytes
    picture: Image.Image


def converted(folder: Path, name: str, kind: str) -> Path:
    program = office()
    if program is None:
        pytest.fail("no LibreOffice on this machine: call the tests with `make test`")
    subprocess.run(
        [
            program,
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            kind,
            "--outdir",
            str(folder / "out"),
            str(folder / f"{name}.docx"),
        ],
        check=True,
        capture_output=True,
        timeout=SECONDS,
    )
    return folder / "out" / f"{name}.{kind}"


@pytest.fixture(scope="module", params=["decision", "annex", "wide"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    folder = tmp_path_factory.mktemp("office")
    document = {
        "decision": decision(),
        "annex": OfficialDocument("Phụ lục", annexes=[annex(60)]),
        "wide": OfficialDocument("Phụ lục", annexes=[wide(4)]),
    }[request.param]
    source = writing.write(document)
    (folder / f"{request.param}.docx").write_bytes(source)
    paths = {kind: converted(folder, request.param, kind) for kind in ("pdf", "docx")}
    subprocess.run(
        ["pdftoppm", "-r", "72", "-singlefile", "-gray", "-png", paths["pdf"], folder / "page"],
        check=True,
        timeout=SECONDS,
    )
    return Opened(
        source,
        pypdf.PdfReader(paths["pdf"]),
        paths["docx"].read_bytes(),
        Image.open(folder / "page.png").convert("L"),
    )


def content(data: bytes) -> list[str]:
    paragraphs = docx.Document(io.BytesIO(data)).element.body.iter(qn("w:p"))
    return [
        text
        for one in paragraphs
        if (text := "".join(part.text or "" for part in one.iter(qn("w:t"))))
    ]


def test_libreoffice_keeps_every_text(opened: Opened):
    assert content(opened.saved) == content(opened.source)


def test_libreoffice_keeps_page_sizes_and_heading_rows(opened: Opened):
    before, after = (docx.Document(io.BytesIO(data)) for data in (opened.source, opened.saved))
    assert [
        (round(section.page_width.mm), round(section.page_height.mm), round(section.left_margin.mm))
        for section in after.sections
        if section.page_width and section.page_height and section.left_margin
    ] == [
        (round(section.page_width.mm), round(section.page_height.mm), round(section.left_margin.mm))
        for section in before.sections
        if section.page_width and section.page_height and section.left_margin
    ]
    heads = [
        len(document.element.body.findall(f".//{qn('w:tblHeader')}"))
        for document in (before, after)
    ]
    assert heads[0] == heads[1]


def test_pages_after_the_first_show_number_and_headings(opened: Opened):
    texts = [" ".join(page.extract_text().split()) for page in opened.pdf.pages]
    continued = [text for text in texts if text.lstrip()[:1].isdigit()]
    first = [text for text in texts if text not in continued]
    # The letters with diacritics come in another order from a PDF file.
    assert all("(1) (2) (3) (4) (5) (6)" in text for text in continued)
    assert [text.lstrip()[:1] for text in continued] == [
        str(number) for number in range(2, len(continued) + 2)
    ]
    assert first


def test_the_heading_of_the_numbers_is_not_broken(opened: Opened):
    assert any("STT" in page.extract_text() for page in opened.pdf.pages)


def test_the_first_page_looks_like_the_approved_picture(
    opened: Opened, request: pytest.FixtureRequest
):
    name = request.node.callspec.params["opened"]
    height = round(opened.picture.height * WIDTH / opened.picture.width)
    shown = opened.picture.resize((WIDTH, height), Image.Resampling.LANCZOS)
    path = PICTURES / f"{name}.png"
    if os.environ.get("ND47_NEW_PICTURES"):
        shown.save(path, optimize=True)
    approved = Image.open(path)
    assert shown.size == approved.size
    softened = (one.filter(ImageFilter.GaussianBlur(BLUR)) for one in (shown, approved))
    difference = ImageStat.Stat(ImageChops.difference(*softened)).mean[0]
    assert difference < MOST_DIFFERENT, f"the page differs by {difference:.1f} of 255"
