"""An index of the words of a table in the DataStore, without extensions or functions of its own.

A search for words in any spelling compares the rows one by one, which takes seconds for a million
rows. The index has each word of each column twice, with and without its diacritics, so it finds
the rows itself: nothing is left to compare. It is an index on an expression, so the table has no
further column.

A word of the index is two letters that stand for its column, and the word. A diacritic is a letter
of its own behind the letter that it belongs to: `Kỳ` in the first column is `aakyà` and `aaky`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product

import sqlalchemy as sa
from sqlalchemy.engine import Connection

LEAST_ROWS = 20_000
"""Rows from which on a table has the index; fewer are compared as fast."""

MOST_COLUMNS = 100
"""Columns of a table with the index."""

LONGEST_ROW = 200_000
"""Characters of a row that the index can hold: PostgreSQL has at most a megabyte of words."""

MOST_WORDS = 4_000
"""Words that the index is asked for at once: the spellings of all words in all columns."""

INDEXED = frozenset({"text", "numeric", "date"})
"""Types of columns whose words the index has."""

WITHOUT_LETTERS = frozenset({"timestamp", "timestamptz"})
"""Types of columns without words of letters, which the index can do without for such words."""

_VERSION = "2"
"""Of the expression: an index that was made by another one has another name."""

# Decomposed, there are ten signs to replace, not two hundred letters: `translate` compares each
# letter with all of them. What stands for a mark is a letter in every locale of the database.
_MARKS = "\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323"
_CODES = "àáâãåæçè"
_FOREIGN = "\u0308\u030a\u0327"
"""Marks of other languages; the index has their letters without them."""
_CODE = dict(zip(_MARKS, _CODES, strict=True)) | {"đ": "ð"}
_SEPARATORS = f"[^a-z0-9{_CODES}ð]+"
_LETTER = re.compile(rf"[a-z0-9đ][{_MARKS}]*")
_KNOWN = re.compile(rf"(?:{_LETTER.pattern}){{1,60}}")
_PLAIN = re.compile(r"[a-z0-9]+")
_LETTERS_WITH_MARKS = frozenset("aeiouy")
_NEXT = "abcdefghijklmnopqrstuvwxyz0123456789ð"
"""What follows the start of a word, other than a mark of its last letter."""
_MOST_ORDERS = 2


_EXISTS = sa.text("SELECT to_regclass(:name) IS NOT NULL")

# PostgreSQL takes the expression of the index for a tenth of its cost, and the words for evenly
# spread. It would compute the words of row after row in the order of the file, which takes half a
# minute where the words are at its end. The bitmap of a table of many million rows needs more than
# the usual memory.
_PREFER = sa.text(
    "SELECT set_config('enable_indexscan', 'off', true), set_config('enable_seqscan', 'off', true),"
    " set_config('cpu_operator_cost', '0.025', true), set_config('work_mem', '64MB', true)"
)


@dataclass(frozen=True)
class WordIndex:
    """The index of a table.

    Attributes:
        expression: what is indexed, as SQLAlchemy's `text` takes it.
        places: the number of each indexed column, by its name.
    """

    expression: str
    places: Mapping[str, int]


def of_columns(types: Mapping[str, str]) -> WordIndex | None:
    """Return the index that a table has if it is large; None if it never has one.

    Args:
        types: the types of its columns by their names, in the order of the table.
    """
    columns = {name: type_ for name, type_ in types.items() if type_ in INDEXED}
    if "text" not in columns.values() or len(columns) > MOST_COLUMNS:
        return None
    parts = [
        _words_of(quoted(name), type_, _tag(place))
        for place, (name, type_) in enumerate(columns.items())
    ]
    row = " || ' ' || ".join(parts)
    return WordIndex(
        f"to_tsvector(CAST('simple' AS regconfig), {row})",
        {name: place for place, name in enumerate(columns)},
    )


def index_name(table: str, types: Mapping[str, str]) -> str:
    """Return the name of the index; it says which columns the index has, and how it is made."""
    columns = [f"{name}\0{type_}" for name, type_ in types.items() if type_ in INDEXED]
    digest = hashlib.sha256("\0".join((_VERSION, table, *columns)).encode()).hexdigest()
    return f"nd47_words_{digest[:40]}"


def find(connection: Connection, table: str, types: Mapping[str, str]) -> WordIndex | None:
    """Return the index of the words of a table, None without one.

    Args:
        connection: of the DataStore.
        table: name of the table.
        types: the types of its columns by their names, in the order of the table.
    """
    name = index_name(table, types)
    is_there = connection.execute(_EXISTS, {"name": name}).scalar()
    return of_columns(types) if is_there else None


def prefer(connection: Connection) -> None:
    """Let the statements of this transaction find rows by an index of words."""
    connection.execute(_PREFER)


def length(types: Mapping[str, str]) -> str:
    """Return the SQL expression of the characters of the texts of a row."""
    texts = [quoted(name) for name, type_ in types.items() if type_ == "text"]
    return " + ".join(f"coalesce(length({name}), 0)" for name in texts)


def _words_of(column: str, type_: str, tag: str) -> str:
    """Return the SQL expression of the words of a column, each behind its tag."""
    if type_ == "numeric":
        written = f"replace(translate(CAST({column} AS text), '-', ''), '.', ' {tag}')"
        return f"coalesce('{tag}' || {written}, '')"
    if type_ == "date":
        # Not `to_char`, whose result depends on the settings of the connection.
        fields = (("year", 4), ("month", 2), ("day", 2))
        written = f" || ' {tag}' || ".join(
            f"lpad(CAST(CAST(extract({name} FROM {column}) AS integer) AS text), {digits}, '0')"
            for name, digits in fields
        )
        usual = f"{column} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
        return f"CASE WHEN {usual} THEN '{tag}' || {written} ELSE '' END"
    plain = f"normalize({column}, NFD)"
    exact = f"translate({plain}, '{_MARKS}đĐ{_FOREIGN}', '{_CODES}ðð')"
    folded = f"translate({plain}, 'đĐ{_MARKS}{_FOREIGN}', 'dd')"
    is_ascii = f"octet_length({column}) = length({column})"
    letters = f"CASE WHEN {is_ascii} THEN {column} ELSE {exact} || ' ' || {folded} END"
    words = f"regexp_replace(lower({letters}), '{_SEPARATORS}', ' {tag}', 'g')"
    return f"coalesce('{tag}' || {words}, '')"


def _tag(place: int) -> str:
    return chr(ord("a") + place // 26) + chr(ord("a") + place % 26)


@dataclass(frozen=True)
class Word:
    """A word of a search, in composed Unicode and lower case.

    Attributes:
        whole: its spellings as a whole word.
        starts: its spellings as the start of a word; none if it must be whole.
    """

    whole: Sequence[str]
    starts: Sequence[str] = ()


def wanted(words: Iterable[Word], places: Sequence[int]) -> tuple[str, list[bool]]:
    """Return what the index is asked for, as a `tsquery`, and which of the words it answers.

    Args:
        words: the words, all of which a row has to have.
        places: numbers of the columns that are searched together.
    """
    tags = [_tag(place) for place in places]
    parts: list[str] = []
    answered: list[bool] = []
    count = 0
    for word in words:
        written = list(_lexemes(word))
        count += len(written) * len(tags)
        answered.append(bool(written) and count <= MOST_WORDS)
        if answered[-1]:
            parts.append("(" + " | ".join(tag + lexeme for tag in tags for lexeme in written) + ")")
    return " & ".join(parts), answered


def _lexemes(word: Word) -> Iterator[str]:
    """Yield the words of the index that a word means, without their tag; none if it cannot say."""
    decomposed = [unicodedata.normalize("NFD", variant) for variant in (*word.whole, *word.starts)]
    if not all(map(_KNOWN.fullmatch, decomposed)):
        return
    starts = list(dict.fromkeys(chain.from_iterable(map(_codes, word.starts))))
    whole = dict.fromkeys(chain.from_iterable(map(_codes, word.whole)))
    covered = {form for form in starts if not _may_be_another(form)}
    yield from (form for form in whole if form not in covered)
    for spelling in starts:
        if _may_be_another(spelling):
            yield from (f"{spelling}{following}:*" for following in _NEXT)
        else:
            yield f"{spelling}:*"


def _may_be_another(start: str) -> bool:
    """Return whether a mark behind the start of a word makes it another: `đa` does not start `đá`.

    A word without any mark is the start of all of them.
    """
    return not _PLAIN.fullmatch(start) and (start[-1] in _CODES or start[-1] in _LETTERS_WITH_MARKS)


def _codes(word: str) -> Iterator[str]:
    """Yield the forms of a word in the index.

    There is one, except where Unicode leaves the order of two marks on a letter to who types it.
    """
    letters = [_orders(letter) for letter in _LETTER.findall(unicodedata.normalize("NFD", word))]
    if sum(len(orders) > 1 for orders in letters) > _MOST_ORDERS:
        letters = [orders[:1] for orders in letters]
    for forms in product(*letters):
        yield "".join(_CODE.get(character, character) for character in "".join(forms))


def _orders(letter: str) -> list[str]:
    marks = letter[1:]
    if len(marks) == 2 and unicodedata.combining(marks[0]) == unicodedata.combining(marks[1]):  # noqa: PLR2004
        return [letter, letter[0] + marks[::-1]]
    return [letter]


def quoted(column: str) -> str:
    """Quote the name of a column; SQLAlchemy reads an unescaped colon as start of a parameter."""
    name = column.replace('"', '""').replace("\0", "").replace(":", "\\:")
    return f'"{name}"'
