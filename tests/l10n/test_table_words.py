"""The index of the words of a table finds exactly the rows that a comparison of all rows finds."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan.lib import search
from ckan.tests import factories
from ckan.tests.helpers import call_action, reset_db

from ckanext.datastore.backend import postgres

from ckanext.nd47.l10n import table_search
from ckanext.nd47.lib.database import table_words
from tests.support.loaded import only

TYPES = {
    "xa_phuong": "text",
    "Tuyến: đường": "text",
    "gia": "numeric",
    "ngay": "date",
    "ghi_chu": "text",
}
ROWS: list[tuple[Any, ...]] = [
    ("Xã Kỳ Lâm", "Đường Hòa Bình", 1000, "2024-07-01", None),
    ("XÃ KỲ LÂM", "Đường Hoà Bình", -12.5, "2025-12-31", "12345 67a"),
    ("Xã Kỳ Anh", "Quốc lộ 8A", None, None, "đa, đá, đà"),
    ("Xa Ky Lam", "duong hoa binh", 8, "1999-01-02", "kinh Kỷ ký"),
    ("Phường Kỹ Thuật", "Kĩ thuật; lần 2", 2024, "2024-01-01", "schön, coöp"),
    ("Thuỷ Nguyên", "Thủy lợi", 0.5, "2023-02-03", "o'hara C:\\x_y"),
    ("Lâm Kỳ", "ố, ô, ơ, ờ", 1, "2020-02-20", "Ωmega kỳ\tlâm"),
    ("", "-", 5, "0001-01-01", "x" * 300),
]
TYPED = (
    "Kỳ Lâm", "ky lam", "KỲ LÂM", "kỳ lam", "ky lâ", "lâm", "lâ", "lam", "l", "kỳ", "ky", "ki",
    "kí", "kỹ", "kĩ", "kỷ", "hòa", "hoà", "hoa binh", "hóa", "thủy", "thuỷ", "thuy", "thu",
    "đa", "đá", "da", "d", "đ", "ô", "ố", "o", "ơ", "8a", "8", "12345", "1234", "67a", "1000",
    "12", "12 5", "2024", "2024-07-01", "01", "07", "kỳ 2024", "schon", "schön", "coop",
    "omega", "Ωmega", "x_y", "hara", "khong co", "lan 2", "2 lần", "-", "xa ky lam duong",
    "binh hoa ky", "0,5", "a" * 70,
)  # fmt: skip


@pytest.fixture(scope="module")
def portal() -> Iterator[dict[str, Any]]:
    with only("nd47_l10n datastore"):
        reset_db()
        search.clear_all()
        yield dict(tk.config)


@pytest.fixture(autouse=True)
def loaded(portal: dict[str, Any], ckan_config: Any) -> None:
    """Keep the options, whatever the configuration was reset to."""
    tk.config.update(portal)


def table(rows: list[tuple[Any, ...]]) -> str:
    """Return the id of a table with rows and with the index."""
    dataset = factories.Dataset(owner_org=factories.Organization()["id"])
    made = factories.Resource(package_id=dataset["id"], url="https://a.example/a.csv")
    call_action(
        "datastore_create",
        resource_id=made["id"],
        fields=[{"id": name, "type": type_} for name, type_ in TYPES.items()],
        records=[dict(zip(TYPES, row, strict=True)) for row in rows],
        force=True,
    )
    index = table_words.of_columns(TYPES)
    assert index
    name = table_words.index_name(made["id"], TYPES)
    statement = f'CREATE INDEX "{name}" ON "{made["id"]}" USING gin (({index.expression}))'
    with postgres.get_write_engine().begin() as connection:
        connection.execute(sa.text(statement))
    return made["id"]


@pytest.fixture(scope="module")
def resource(portal: dict[str, Any]) -> str:
    return table(ROWS)


@pytest.fixture
def find(monkeypatch) -> Callable[..., list[int]]:
    """Returns the numbers of the rows of a search, with the index or without."""

    def run(resource_id: str, q: Any, *, with_index: bool) -> list[int]:
        with monkeypatch.context() as patched:
            if not with_index:
                patched.setattr(table_words, "find", lambda *_: None)
            found = call_action("datastore_search", resource_id=resource_id, q=q, limit=5000)
        assert found["total"] == len(found["records"])
        return [record["_id"] for record in found["records"]]

    return run


class TestSameRows:
    def test_in_the_whole_row(self, find, resource: str):
        for typed in TYPED:
            expected = find(resource, typed, with_index=False)
            assert find(resource, typed, with_index=True) == expected, typed

    def test_in_one_column(self, find, resource: str):
        for name in TYPES:
            for typed in TYPED:
                expected = find(resource, {name: typed}, with_index=False)
                assert find(resource, {name: typed}, with_index=True) == expected, (name, typed)

    def test_in_a_column_and_in_the_row(self, find, resource: str):
        assert find(resource, {"xa_phuong": "kỳ", "ghi_chu": "kinh"}, with_index=True) == []
        assert find(resource, {"xa_phuong": "ky", "ghi_chu": "kinh"}, with_index=True) == [4]

    def test_for_words_made_of_any_letters(self, portal: dict[str, Any], find):
        choose = random.Random(17)  # noqa: S311 - sample data
        letters = "aăâeêioôơuưyđdknh"
        tones = ("", "", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")

        def word() -> str:
            made = ""
            for _ in range(choose.randrange(1, 4)):
                made += choose.choice(letters)
                if made[-1] in "aăâeêioôơuưy":
                    made += choose.choice(tones)
            made = choose.choice((str.lower, str.upper, str.title))(made)
            return unicodedata.normalize("NFC", made)

        rows = [
            (" ".join(word() for _ in range(3)), word(), choose.randrange(100), None, word())
            for _ in range(400)
        ]
        resource_id = table(rows)
        for typed in [word() for _ in range(150)] + [f"{word()} {word()}" for _ in range(50)]:
            expected = find(resource_id, typed, with_index=False)
            assert find(resource_id, typed, with_index=True) == expected, typed


class TestStatements:
    @pytest.mark.parametrize("typed", ["Kỳ Lâm", "ky lam", "8A", "12345", "hòa bình 2024"])
    def test_the_index_answers_alone(self, typed: str):
        searched = table_search.Searched(list(TYPES), table_words.of_columns(TYPES), TYPES)
        conditions = [condition for condition, _ in table_search.clauses(typed, searched, "a")]
        assert len(conditions) == 1
        assert "@@" in conditions[0]

    @pytest.mark.parametrize(("typed", "number"), [("schön", 1), ("kỳ schön", 2), ("Ω", 1)])
    def test_words_that_it_does_not_have_are_compared(self, typed: str, number: int):
        searched = table_search.Searched(list(TYPES), table_words.of_columns(TYPES), TYPES)
        conditions = [condition for condition, _ in table_search.clauses(typed, searched, "a")]
        assert len(conditions) == number
        assert "~ ALL" in conditions[-1]

    def test_a_column_that_it_does_not_have_is_compared(self):
        types = {**TYPES, "luc": "timestamp", "khac": "json"}
        index = table_words.of_columns(types)
        for columns, typed, is_asked in (
            (["luc"], "2024", False),
            (["xa_phuong", "luc"], "2024", False),
            (["xa_phuong", "luc"], "kỳ", True),
            (["xa_phuong", "khac"], "kỳ", False),
        ):
            searched = table_search.Searched(columns, index, types)
            conditions = [one for one, _ in table_search.clauses(typed, searched, "a")]
            assert any("@@" in one for one in conditions) is is_asked, columns

    def test_another_order_of_the_columns_is_another_index(self):
        turned = dict(reversed(list(TYPES.items())))
        assert table_words.index_name("t", TYPES) != table_words.index_name("t", turned)

    @pytest.mark.parametrize(
        "types", [{}, {"a": "numeric"}, {f"c{number}": "text" for number in range(101)}]
    )
    def test_tables_that_never_have_it(self, types: dict[str, str]):
        assert table_words.of_columns(types) is None
