"""The pictures of the documentation are those of the list, and small."""

from __future__ import annotations

import io
import re

from PIL import Image

from dev.picture import DOCS, LARGEST, PICTURES, small

SHOWN = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")


def test_every_picture_of_the_list_is_there_and_small():
    wrong = [
        picture.file
        for picture in PICTURES
        if not (DOCS / picture.file).exists() or (DOCS / picture.file).stat().st_size > LARGEST
    ]
    assert wrong == []


def test_pages_show_the_pictures_of_the_list_and_no_others():
    shown = {
        (page.parent / link).resolve().relative_to(DOCS).as_posix()
        for page in DOCS.rglob("*.md")
        for link in SHOWN.findall(page.read_text(encoding="utf-8"))
    }
    assert shown == {picture.file for picture in PICTURES}
    files = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.png")}
    assert files == shown


def test_a_picture_is_made_smaller_and_keeps_its_size_in_pixels():
    image = Image.effect_noise((200, 100), 60).convert("RGB")
    before = io.BytesIO()
    image.save(before, "PNG")
    after = small(before.getvalue())
    assert len(after) < len(before.getvalue())
    assert Image.open(io.BytesIO(after)).size == (200, 100)
