"""A query keeps its syntax and loses its diacritics."""

from __future__ import annotations

import pytest

from ckanext.nd47.data import data_path
from ckanext.nd47.l10n.abbreviations import load
from ckanext.nd47.l10n.search import parameters
from ckanext.nd47.l10n.search.query import rewrite
from ckanext.nd47.l10n.search.syntax import pieces

LIST = load(data_path("schemas", "abbreviations.yaml"))


def typed(query: str) -> str:
    return rewrite(query, LIST).query


def fielded(query: str) -> str:
    return rewrite(query, LIST, fielded=True).query


@pytest.mark.parametrize(
    ("query", "folded"),
    [
        ("Thủy lợi", "thuy loi"),
        ("kỹ thuật", "ki thuat"),
        ('"Thủy lợi" tỉnh', '"thuy loi" tinh'),
        ("+đất -rừng", "+dat -rung"),
        ("đất AND rừng OR biển", "dat AND rung OR bien"),
        ("2018-2025", "2018-2025"),
        ("UBND xã", '"uy ban nhan dan" xa'),
        ("Ủy ban nhân dân xã", '"uy ban nhan dan" xa'),
        ('"UBND xã"', '"uy ban nhan dan xa"'),
        ("Sở KH&CN", 'so "khoa hoc va cong nghe"'),
        ("-UBND", '-"uy ban nhan dan"'),
        ('dở dang "', 'do dang "'),
        ("&", "&"),
        ("xUBND-y", "xubnd-i"),
        ("lúa*", "lua*"),
    ],
)
def test_typed_query_is_folded(query, folded):
    assert typed(query) == folded


@pytest.mark.parametrize(
    ("query", "folded"),
    [
        ("tags:thủy*", "tags:thủy*"),
        ('tags:"Thủy lợi" AND đất', 'tags:"Thủy lợi" AND dat'),
        ("title:Đất", "(title:Đất OR extras_nd47_title:dat)"),
        ("-title:Đất", "-(title:Đất OR extras_nd47_title:dat)"),
        (
            "title:(đất AND (rừng OR biển)) lúa",
            "(title:(đất AND (rừng OR biển)) OR extras_nd47_title:(dat AND (rung OR bien))) lua",
        ),
        ("text:(Đất OR rừng)", "text:(dat OR rung)"),
        (
            "metadata_modified:[2024-01-01T00:00:00Z TO *]",
            "metadata_modified:[2024-01-01T00:00:00Z TO *]",
        ),
        ("*:*", "*:*"),
        ("res_format:CSV (đất~2 rừng^3)", "res_format:CSV (dat~2 rung^3)"),
        ("đấ* AND name:a", "da* AND name:a"),
        ("kỹ* AND name:a", "ky* AND name:a"),
        (r"a\:đ AND name:x", r"a\:d AND name:x"),
        ('notes:"Đất', 'notes:"Đất'.replace("Đất", "dat")),
    ],
)
def test_query_in_the_language_of_the_index_keeps_its_syntax(query, folded):
    assert fielded(query) == folded


@pytest.mark.parametrize(
    "query", ['a "b c" +d -e', 'x:(a "b" [1 TO 2]) -y:z^2 w~ \\" !u', "((", "a:", "{!x}", "ấ\n b"]
)
@pytest.mark.parametrize("lucene", [True, False])
def test_pieces_are_the_query_again(query, lucene):
    assert "".join(piece.text for piece in pieces(query, fielded=lucene)) == query


def test_what_is_excluded_has_no_part_in_the_order():
    assert "rung" not in rewrite("đất -rừng", LIST).closeness()


def test_spelling_of_a_marked_query_counts_word_by_word():
    closeness = rewrite("đất rung", LIST).closeness()
    assert closeness == (
        "product(1000,div(sum(0,min(1,termfreq(text,'dzaztsqz')),min(1,termfreq(text,'rungqz'))),2))"
    )


def test_query_without_marks_counts_only_as_a_whole():
    assert rewrite("hoa mai", LIST).closeness() == (
        "product(1000,min(1,termfreq(text,'hoaqz'),termfreq(text,'maiqz')))"
    )


def test_query_without_letters_has_no_order_of_its_own():
    assert rewrite("2024", LIST).closeness() == ""


@pytest.mark.ckan_config("ckan.plugins", "nd47_l10n")
@pytest.mark.usefixtures("with_plugins")
class TestParameters:
    @pytest.mark.parametrize(
        "params",
        [
            {},
            {"q": ""},
            {"q": "*:*"},
            {"q": None},
            {"q": "{!knn f=v}[1,2]"},
            {"q": "Đất", "qf": "title"},
            {"q": "Đất", "defType": "func"},
        ],
    )
    def test_nothing_to_fold_is_left_alone(self, params):
        assert parameters.adapt(params) == params

    def test_query_is_folded_and_the_typed_one_kept_for_others(self):
        changed = parameters.adapt({"q": "Đất", "extras": {"ext_a": "b"}})
        assert changed["q"] == "dat"
        assert parameters.typed(changed) == "Đất"
        assert changed["extras"]["ext_a"] == "b"

    def test_own_boost_of_the_caller_stays(self):
        assert parameters.adapt({"q": "Đất", "bf": "recip(1)"})["bf"].startswith("recip(1) product")

    def test_fielded_query_gets_no_fields_of_its_own(self):
        changed = parameters.adapt({"q": "title:Đất"})
        assert "qf" not in changed
        assert "bf" not in changed

    def test_typed_query_is_the_query_where_nothing_was_folded(self):
        assert parameters.typed({"q": "a"}) == "a"
