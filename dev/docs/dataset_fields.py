"""Writes `docs/metadata.md`: every field from the schema, the rules and the mapping to DCAT.

Run by `make docs`; a test holds the file to what this makes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.nd47.dcat.rdf import mapping
from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.rules import load
from dev.docs.markdown import table

WORDS: Mapping[str, Mapping[str, str]] = {
    "title": {"vi": "Siêu dữ liệu", "en": "Metadata"},
    "made": {
        "vi": "Tệp này được tạo từ `schemas/dataset.yaml`, `schemas/rules`, `schemas/examples.yaml`"
        " và `ckanext/nd47/dcat/rdf/mapping.py`; không sửa tay.",
        "en": "Made from `schemas/dataset.yaml`, `schemas/rules`, `schemas/examples.yaml` and"
        " `ckanext/nd47/dcat/rdf/mapping.py`; not to be edited by hand.",
    },
    "dataset": {"vi": "Bộ dữ liệu", "en": "Dataset"},
    "resource": {"vi": "Tệp dữ liệu", "en": "Resource"},
    "field": {"vi": "Trường", "en": "Field"},
    "label": {"vi": "Nhãn", "en": "Label"},
    "meaning": {"vi": "Ý nghĩa", "en": "Meaning"},
    "list": {"vi": "Danh mục mã", "en": "Code list"},
    "rules": {"vi": "Quy tắc và căn cứ", "en": "Rules and clauses"},
    "example": {"vi": "Ví dụ", "en": "Example"},
}
COLUMNS = ("field", "label", "meaning", "list", "rules", "DCAT", "example")
KINDS = ("dataset", "resource")


@dataclass(frozen=True)
class Field:
    """One field or subfield of the schema.

    Attributes:
        kind: `dataset` or `resource`.
        path: its name, `group.subfield` for a subfield.
        content: its entry in the schema file.
    """

    kind: str
    path: str
    content: Mapping[str, Any]


def fields() -> Iterator[Field]:
    """Yield every field of the schema, a group before its subfields."""
    schema = _yaml("dataset.yaml")
    for kind in KINDS:
        for content in schema[f"{kind}_fields"]:
            yield Field(kind, content["field_name"], content)
            for subfield in content.get("repeating_subfields", []):
                path = f"{content['field_name']}.{subfield['field_name']}"
                yield Field(kind, path, subfield)


def examples() -> Mapping[str, Mapping[str, str]]:
    """Return the example of each field, by kind and path."""
    return _yaml("examples.yaml")


def markdown() -> str:
    """Return the whole document, Vietnamese first."""
    return "\n".join(line for lang in ("vi", "en") for line in _chapter(lang))


def _chapter(lang: str) -> Iterator[str]:
    yield from (f"# {WORDS['title'][lang]}", "", WORDS["made"][lang], "")
    values_by_kind = examples()
    for kind in KINDS:
        yield from (f"## {WORDS[kind][lang]}", "")
        heads = [WORDS[c][lang] if c in WORDS else c for c in COLUMNS]
        rows = (
            _row(field, values_by_kind[kind].get(field.path, ""), lang)
            for field in fields()
            if field.kind == kind
        )
        yield from table(heads, rows)


def _row(field: Field, example: str, lang: str) -> list[str]:
    content = field.content
    code_list = content.get("vocabulary")
    return [
        f"`{field.path}`",
        _text(content.get("label"), lang),
        _text(content.get("help_text"), lang),
        f"`{code_list}`" if code_list else "",
        "; ".join(_rules(field)),
        ", ".join(f"`{name}`" for name in _properties(field)),
        f"`{example}`" if example else "",
    ]


def _rules(field: Field) -> Iterator[str]:
    """Yield each rule that reads the field, with its editions and clauses."""
    fields_by_rule: dict[str, list[str]] = {}
    for code in load.editions():
        for rule in load.edition(code).rules:
            read = rule.fields if field.kind == "dataset" else rule.resource_fields
            if field.path in read:
                places = (
                    f"{c.instrument} {'.'.join(filter(None, (c.article, c.paragraph, c.point)))}"
                    for c in rule.clauses
                )
                fields_by_rule.setdefault(rule.id, []).extend(places)
    for name, places in fields_by_rule.items():
        clauses = ", ".join(dict.fromkeys(place.strip() for place in places))
        yield f"`{name}` ({clauses})" if clauses else f"`{name}`"


def _properties(field: Field) -> list[str]:
    """Return the properties that the field becomes on export."""
    group, _, subfield = field.path.rpartition(".")
    owner = group or ("dataset" if field.kind == "dataset" else "distribution")
    rows = (row for row in mapping.ROWS if (row.of, row.field) == (owner, subfield or field.path))
    names = (name for row in rows for name in (row.prefix_name, row.eu_property) if name)
    return list(dict.fromkeys(names))


def _text(value: Any, lang: str) -> str:
    return value.get(lang, "") if isinstance(value, Mapping) else str(value or "")


def _yaml(name: str) -> Any:
    return read_yaml(data_path("schemas", name))
