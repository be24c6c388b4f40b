"""`docs/metadata.md` says what the schema says, and leaves no field out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from ckanext.nd47.lib.data import data_path
from dev.docs import dataset_fields

DOCUMENT = Path(__file__).parents[3] / "docs" / "metadata.md"
FIELDS = list(dataset_fields.fields())
LEAVES = [f for f in FIELDS if "repeating_subfields" not in f.content]


def test_document_is_what_the_generator_makes():
    assert DOCUMENT.read_text(encoding="utf-8") == dataset_fields.markdown()


def test_fields_have_labels_in_both_languages():
    assert FIELDS
    for field in FIELDS:
        label = field.content["label"]
        assert label["vi"], field.path
        assert label["en"], field.path


def test_fields_have_examples():
    assert LEAVES
    examples = dataset_fields.examples()
    without = [(f.kind, f.path) for f in LEAVES if not examples[f.kind].get(f.path)]
    assert without == []


def test_no_example_is_of_a_field_that_is_gone():
    known = {(f.kind, f.path) for f in FIELDS}
    given = {(kind, path) for kind, found in dataset_fields.examples().items() for path in found}
    assert given <= known


@pytest.mark.parametrize(
    "field",
    [f for f in LEAVES if f.content.get("vocabulary") not in {None, "field", "file-format"}],
    ids=lambda f: f"{f.kind}:{f.path}",
)
def test_example_of_a_code_is_in_its_list(field: dataset_fields.Field):
    example = dataset_fields.examples()[field.kind][field.path]
    codes = json.loads(example) if example.startswith("[") else [example]
    path = data_path("schemas", "vocabularies", f"{field.content['vocabulary']}.yaml")
    listed = {str(row["code"]) for row in yaml.safe_load(path.read_text(encoding="utf-8"))["terms"]}
    assert set(codes) <= listed
