"""A query keeps its syntax and loses its diacritics."""

from __future__ import annotations

import pytest

from ckanext.nd47.l10n.abbreviations import load
from ckanext.nd47.l10n.search import query
from ckanext.nd47.l10n.search.query import fold_query
from ckanext.nd47.l10n.search.syntax import has_field, pieces
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.data import data_path

LIST = load(data_path("schemas", "abbreviations.yaml"))


def typed(query: str) -> str:
    return fold_query(query, LIST).query


def fielded(query: str) -> str:
    return fold_query(query, LIST, fielded=True).query


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
        ("đất -UBND", 'dat -"uy ban nhan dan"'),
        ("-UBND", '"uy ban nhan dan"'),
        ('dở dang "', "do dang"),
        ('"dở dang', "do dang"),
        ("&", ""),
        ("--- ( ***", ""),
        ("Hà Nội - Huế", "ha noi hue"),
        ("--đất", "dat"),
        ("nhiệt độ -5", "nhiet do 5"),
        ("-đất -rừng", "dat rung"),
        ("đất NOT rừng", "dat -rung"),
        ("NOT đất", "dat"),
        ("AND đất OR", "dat"),
        ("đất && || rừng", "dat rung"),
        ("rừng TO biển", "rung to bien"),
        ("Quyết định: 12/2024/QĐ-UBND", "quyet dinh 12/2024/qd-ubnd"),
        ("C++ (đất [rừng {biển}", "c++ (dat [rung bien"),
        ("đất\x00rừng\ud800", "dat rung"),
        ("ｔｉｔｌｅ：đất*", "title dat*"),
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
    ],
)
def test_query_in_the_language_of_the_index_keeps_its_syntax(query, folded):
    assert fielded(query) == folded


@pytest.mark.parametrize(
    ("query", "folded"),
    [
        ('notes:"Đất', "dat"),
        ("title:(đất AND rừng", "(dat AND rung"),
        ("text:đất)", "dat)"),
        ("tags:[đất", "[dat"),
        ("text:" + "(" * 99 + "đất" + ")" * 99, "(" * 99 + "dat" + ")" * 99),
    ],
)
def test_query_that_is_not_sound_in_that_language_is_text(query, folded):
    assert fielded(query) == folded


@pytest.mark.parametrize(
    "query", ["tags:đất", "-tags:đất", "a AND (tags:x", "*:x", 'title:"giá đất"', "x[1]:2 a.b:c"]
)
def test_query_that_names_a_field_is_told_by_its_looks(query):
    assert has_field(query, {"tags", "*", "title", "x", "a.b"}.__contains__)


@pytest.mark.parametrize(
    "query",
    ["Quyết định: 12", "10:30", "https://a.vn", "số:12", "so:12", '"tags:a b"', "a: đ", "a::b"],
)
def test_text_with_a_colon_is_text(query):
    assert not has_field(query, lambda name: name != "so")


def test_of_a_long_text_the_beginning_is_looked_for():
    assert typed("đất " * 5_000).split() == ["dat"] * 40


@pytest.mark.parametrize(
    "query", ['a "b c" +d -e', 'x:(a "b" [1 TO 2]) -y:z^2 w~ \\" !u', "((", "a:", "{!x}", "ấ\n b"]
)
@pytest.mark.parametrize("lucene", [True, False])
def test_pieces_are_the_query_again(query, lucene):
    assert "".join(piece.text for piece in pieces(query, fielded=lucene)) == query


def test_what_is_excluded_has_no_part_in_the_order():
    assert "rung" not in fold_query("đất -rừng", LIST).boost_function()


def test_spelling_of_a_marked_query_counts_word_by_word():
    closeness = fold_query("đất rung", LIST).boost_function()
    assert (
        "product(500,sum(0,min(1,termfreq(text,'dzaztsqz')),min(1,termfreq(text,'rungqz'))))"
        in closeness
    )


def test_query_without_marks_counts_only_as_a_whole():
    closeness = fold_query("hoa mai", LIST).boost_function()
    assert "product(1000,min(1,termfreq(text,'hoaqz'),termfreq(text,'maiqz')))" in closeness
    assert "termfreq(text,'hoaqz'))," not in closeness


def test_neighbours_of_a_marked_query_count_in_their_spelling():
    closeness = fold_query("đất ở", LIST).boost_function()
    assert "termfreq(extras_nd47_title,'dzaztsqxowrqz')" in closeness


def test_neighbours_of_a_query_without_marks_count_without_spelling():
    closeness = fold_query("hoa mai", LIST).boost_function()
    assert "termfreq(extras_nd47_title,'hoaqjmaiqz')" in closeness
    assert "hoaqxmaiqz" not in closeness


def test_neighbours_are_those_of_the_full_name():
    assert "'uyrqxbanqz'" in fold_query("Sở UBND", LIST).boost_function()


def test_words_on_both_sides_of_what_is_excluded_are_no_neighbours():
    assert "hoaqjmaiqz" not in fold_query("hoa -hồng mai", LIST).boost_function()


def test_query_without_letters_has_no_order_of_its_own():
    assert fold_query("2024", LIST).boost_function() == ""


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
            {"q": "Đất", "qf": "title"},
            {"q": "Đất", "defType": "func"},
        ],
    )
    def test_nothing_to_fold_is_left_alone(self, params):
        assert query.adapt_parameters(params) == params

    @pytest.mark.ckan_config("ckan.search.solr_allowed_query_parsers", ["knn"])
    def test_parser_that_the_portal_allows_is_left_alone(self):
        assert query.adapt_parameters({"q": "{!knn f=v}[1,2]"}) == {"q": "{!knn f=v}[1,2]"}

    def test_parser_that_it_does_not_allow_is_text(self):
        assert query.adapt_parameters({"q": "{!knn f=v}[1,2] đất"})["q"] == "!knn f=v [1,2] dat"

    @pytest.mark.parametrize("name", ["text", "res_format", "extras_nd47_title", "license_id"])
    def test_fields_of_the_index_are_known(self, name):
        assert query.is_field(name)

    @pytest.mark.parametrize("name", ["covid", "so", "thuy", "http", "C"])
    def test_words_are_no_fields(self, name):
        assert not query.is_field(name)

    @pytest.mark.ckan_config("search.facets", "organization loai")
    def test_facet_of_the_portal_is_a_field(self):
        assert query.is_field("loai")

    def test_query_without_letter_or_digit_finds_nothing(self):
        assert query.adapt_parameters({"q": "???"})["q"] == "-*:*"

    def test_long_query_of_a_program_is_sent_as_it_is(self):
        long_query = " OR ".join(f"id:{number}" for number in range(1000))
        assert query.adapt_parameters({"q": long_query})["q"] == long_query

    def test_characters_that_no_text_has_are_not_sent(self):
        given = {"q": "tags:a\x00", "fq": "b\ud800", "fq_list": ["c\x1f"], "rows": 1}
        sent = query.adapt_parameters(given)
        assert sent["q"] == "tags:a "
        assert sent["fq"] == "b "
        assert sent["fq_list"] == ["c "]

    def test_query_is_folded_and_the_typed_one_kept_for_others(self):
        changed = query.adapt_parameters({"q": "Đất", "extras": {"ext_a": "b"}})
        assert changed["q"] == "dat"
        assert inputs.typed_query(changed) == "Đất"
        assert changed["extras"]["ext_a"] == "b"

    def test_own_boost_of_the_caller_stays(self):
        changed = query.adapt_parameters({"q": "Đất", "bf": "recip(1)"})
        assert changed["bf"].startswith("recip(1) sum(")

    def test_fielded_query_gets_no_fields_of_its_own(self):
        changed = query.adapt_parameters({"q": "title:Đất"})
        assert "qf" not in changed
        assert "bf" not in changed

    def test_typed_query_is_the_query_where_nothing_was_folded(self):
        assert inputs.typed_query({"q": "a"}) == "a"
