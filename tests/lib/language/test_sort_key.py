"""The order of words, judged by ICU's Vietnamese collation inside PostgreSQL."""

from __future__ import annotations

import random
import unicodedata

import pytest
import sqlalchemy as sa

from ckan import model

from ckanext.nd47.lib.language.text import sort_key
from tests.l10n.titles import word


def words(count: int) -> list[str]:
    source = random.Random(5000)
    made: set[str] = set()
    while len(made) < count:
        first = word(source)
        made.add(first if source.random() < 0.6 else f"{first} {word(source)}")
    return sorted(made)


def judged(listed: list[str], collation: str) -> list[str]:
    """Return texts in the order of a collation of the database."""
    values = sa.values(sa.column("word", sa.Text), name="listed").data([(one,) for one in listed])
    query = sa.select(values.c.word).order_by(values.c.word.collate(collation), values.c.word)
    return list(model.Session.scalars(query))


@pytest.mark.usefixtures("with_plugins")
@pytest.mark.usefixtures("services")
def test_agrees_with_icu_on_5000_words():
    listed = words(5_000)
    assert sorted(listed, key=sort_key) == judged(listed, "vi-x-icu")


@pytest.mark.usefixtures("with_plugins")
@pytest.mark.usefixtures("services")
def test_key_gives_the_same_order_in_the_database():
    keys = [sort_key(one) for one in words(500)]
    assert judged(keys, "C") == sorted(keys)


@pytest.mark.parametrize(
    "listed",
    [
        ["a", "ă", "â", "b", "c", "d", "đ", "e", "ê", "g", "h", "i", "k", "l", "m", "n", "o"],
        ["o", "ô", "ơ", "p", "q", "r", "s", "t", "u", "ư", "v", "x", "y"],
        ["ma", "mà", "mả", "mã", "má", "mạ", "man"],
        ["ba", "Ba", "bà", "Bà"],
        ["xã 2", "xã 9", "xã 10", "xã 100"],
        ["a", "a b", "a b c", "ab"],
        ["2 nhà", "10 nhà", "nhà"],
        ["hoa", "hòa bình", "hóa"][:1] + ["hòa", "hóa", "hoa quả"],
    ],
)
def test_order(listed):
    assert sorted(set(listed), key=sort_key) == listed


def test_decomposed_text_has_the_same_place():
    assert sort_key(unicodedata.normalize("NFD", "Đường ở")) == sort_key("Đường ở")


@pytest.mark.parametrize("odd", ["", "   ", "\x00", "😀", "Ω", "中文", "9" * 400, "é" * 5000])
def test_key_of_anything_is_short_ascii(odd):
    key = sort_key(odd)
    assert key.isascii()
    assert len(key) < 32_000
