"""Each fault in a map is named in one sentence."""

from __future__ import annotations

import pytest

from ckanext.nd47.migrate import mapping

pytestmark = pytest.mark.usefixtures("portal")


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("fields: [", "Line 1 of the map is not YAML"),
        ("fields: [{from: a, to: frequency}\n\tx", "Line 2 of the map is not YAML"),
        ("- fields", "must consist of the names"),
        ("felder: []", "“felder” is not known here"),
        ("fields: x", "“fields” must be a list"),
        ("fields: [x]", "“fields” must be a list"),
        ("fields: [{to: frequency}]", "“from” must be a text"),
        ("fields: [{from: [], to: frequency}]", "“from” must be a text"),
        ("fields: [{from: a}]", "“to” must be a text"),
        ("fields: [{from: a, to: frequenzy}]", "no field “frequenzy”; perhaps “frequency”"),
        ("fields: [{from: a, to: owner_org}]", "no field “owner_org”"),
        ("fields: [{from: a, to: contact.age}]", "no field “contact.age”"),
        ("fields: [{from: a, to: frequency, wert: b}]", "“wert” is not known here"),
        ("fields: [{from: a, to: frequency, values: [b]}]", "“values” must consist of"),
        ("fields: [{from: a, to: frequency, values: {b: nie}}]", "“nie” is not in the code list"),
        ("fields: [{from: a, to: frequency, values: {b: {c: d}}}]", "is not in the code list"),
        ("fields: [{from: a, to: frequency, values: {b: [tinh, hang-nam]}}]", "holds one value"),
        ("fields: [{from: a, to: notes, values: {b: c}}]", "“notes” has no code list"),
        ("fields: [{from: a, to: license_id, values: {b: c}}]", "“c” is not in the code list"),
        ("fields: [{from: a, to: notes, remove_source: maybe}]", "must be true or false"),
        ("defaults: [{set: {frequency: tinh}}]", "say which datasets are meant"),
        ("defaults: [{for: {all: true}, set: {frequency: nie}}]", "“nie” for frequency"),
        ("defaults: [{for: {all: true}, set: {issued: hôm qua}}]", "“hôm qua” for issued"),
        ("defaults: [{for: {all: true}, set: {frequency: {a: b}}}]", "must be a text"),
        ("defaults: [{for: {all: false}, set: {frequency: tinh}}]", "“all” must be true"),
        ("defaults: [{for: {public: 7}, set: {frequency: tinh}}]", "must be true or false"),
        ("defaults: [{for: {published_from: x}, set: {frequency: tinh}}]", "“x” is no date"),
        ("leave_alone: [{organization: khong-co}]", "there is no “khong-co”"),
        ("leave_alone: [{dataset: khong-co}]", "there is no “khong-co”"),
        ("leave_alone: [{organisation: a}]", "“organisation” selects no datasets"),
        ("leave_alone: [{}]", "say which datasets are meant"),
        ('leave_alone: [{search: "a:[b"}]', "the search “a:[b” cannot be made"),
        ("fields: &a [{from: a, to: notes}]\ndefaults: *a", "is not YAML"),
        ("fields: !!python/object/apply:os.system [id]", "“fields” must be a list"),
        ("[" * 5_000, "is not YAML"),
    ],
)
def test_a_fault_in_a_map_is_named_in_one_sentence(written: str, part: str) -> None:
    with pytest.raises(mapping.MapError) as refused:
        mapping.parse(written)
    assert part in str(refused.value)
    assert "\n" not in str(refused.value)


def test_words_of_yaml_are_texts() -> None:
    mapped = mapping.parse("fields: [{from: no, to: frequency, values: {2024: tinh, yes: tinh}}]")
    assert mapped.moves[0].sources == ("no",)
    assert mapped.moves[0].choices == {"2024": ["tinh"], "yes": ["tinh"]}
