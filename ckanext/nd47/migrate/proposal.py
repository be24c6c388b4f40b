"""Proposes a map: the field for each extra, and default values for a person to confirm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from ckan import model

from ckanext.scheming.helpers import scheming_get_dataset_schema

from ckanext.nd47.lib.fields import dataset_fields, spellings, splitting
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import dataset_reader, licence
from ckanext.nd47.migrate import look, targets
from ckanext.nd47.migrate.targets import Target

CONTACT_COLUMNS = (("maintainer", "maintainer_email"), ("author", "author_email"))
"""Columns that describe the same person."""
REREAD_KINDS = frozenset({"code", "codes", "date", "licence", "group", "place"})
"""Kinds of fields in which a plain text is rarely a valid value."""

INTRODUCTION = """\
# Bản đồ chuyển dữ liệu cũ, do `ckan nd47 migrate map` đề xuất. Sửa tệp này, rồi chạy
# `ckan nd47 migrate rehearse` để xem trước; chưa có gì thay đổi cho đến `ckan nd47 migrate apply`.
# A proposal. Correct it, then run `ckan nd47 migrate rehearse`; nothing changes until `apply`.
#
# fields: từ trường phụ hoặc cột nào (from) sang trường nào (to); values: giá trị nào là mã nào, để
#   trống là bỏ qua; remove_source: true thì xóa trường phụ cũ sau khi chuyển.
#   what goes where; an empty value leaves a text where it is; remove_source removes the old extra.
# defaults: giá trị cho các bộ dữ liệu còn thiếu. Chỉ dùng khi confirmed là true: hãy xác nhận rằng
#   điều đó đúng với các bộ dữ liệu ấy.
#   values for datasets that have none; used only once confirmed is true.
# leave_alone: các bộ dữ liệu không động đến, ví dụ `- organization: so-y-te`.
#   datasets that nothing is done to.
# Chọn bộ dữ liệu bằng / select by: all, organization, tag, group, search, dataset, public,
#   published_from, published_until.
"""
SCHEMA_INTRODUCTION = """\
# schema: trường nào của lược đồ riêng (from) được đọc như trường nào của nd47 (to), không sao
#   chép gì. Dùng với `ckan nd47 schema compose --map TỆP_NÀY`.
#   fields of the portal's own schema that are read as ours; nothing is copied. For
#   `ckan nd47 schema compose --map THIS_FILE`.
"""
UNSURE = "# Chưa chắc chắn, hãy kiểm tra. / Not sure, please check."

AGENCY_FIELDS = (
    "catalogue_entry.decision_number",
    "catalogue_entry.decision_date",
    "personal_data_assessment.assessed_by",
    "personal_data_assessment.content",
    "security_assessment.assessed_by",
    "security_assessment.content",
    "national_portal.sent_date",
    "usage_regulation",
    "provenance",
    "source_database.name",
    "source_database.purpose",
    "source_database.scope",
    "source_database.collection",
    "source_database.updating",
)
"""Fields that an agency can answer once for all its datasets; an empty value sets nothing."""


def propose(*, schema: bool = False) -> str:
    """Return a map for the extras and columns of the datasets.

    Args:
        schema: also propose which fields of the portal's schema are read as ours, not copied.
    """
    readings = _schema_entries() if schema else []
    read_fields = {entry["from"] for entry, _sure in readings}
    moves = [
        move
        for move in _move_entries(look.list_sources(look.MAX_VALUES))
        if str(move[0]["from"]) not in read_fields
    ]
    parts = [INTRODUCTION, *_yaml_list("fields", moves)]
    if schema:
        parts += ["\n", SCHEMA_INTRODUCTION, *_yaml_list("schema", readings)]
    parts += ["\n", _dump_yaml({"defaults": _defaults()}), "\n", "leave_alone: []\n"]
    return "".join(parts)


def _yaml_list(key: str, entries: list[tuple[dict[str, Any], bool]]) -> list[str]:
    parts = [f"\n{key}:\n" if entries else f"\n{key}: []\n"]
    for entry, sure in entries:
        parts += [] if sure else [f"{UNSURE}\n"]
        parts.append(_dump_yaml([entry]))
    return parts


def _schema_entries() -> list[tuple[dict[str, Any], bool]]:
    """Return the fields of the portal's schema that correspond to ours, in their order."""
    schema = scheming_get_dataset_schema(dataset_fields.DEFAULT_TYPE) or {}
    fields = schema.get("dataset_fields") or []
    used_fields = {field.get(dataset_fields.MARK) for field in fields}
    entries: list[tuple[dict[str, Any], bool]] = []
    for field in fields:
        name = field["field_name"]
        if (
            field.get(dataset_fields.MARK)
            or name in targets.known_targets()
            or name in dataset_fields.core()
        ):
            continue
        labels = {str(choice["value"]): _label(choice) for choice in field.get("choices") or ()}
        value_counts = [(label, 1) for label in labels.values()]
        guessed, sure = _first_guess(name, _label(field), value_counts)
        target = targets.known_targets().get(guessed)
        if target is None or target.subfield or guessed in used_fields:
            continue
        used_fields.add(guessed)
        entry: dict[str, Any] = {"from": name, "to": guessed}
        values = _codes_of_choices(target, labels)
        entries.append((entry | ({"values": values} if values else {}), sure))
    return entries


def _first_guess(name: str, label: str, value_counts: look.ValueCounts) -> tuple[str, bool]:
    for text in (name, label):
        path, sure = look.guess_field(text, "extra", value_counts)
        if path:
            return path, sure
    return "", False


def _label(field: Mapping[str, Any]) -> str:
    """Return the label of a field or choice, in Vietnamese where there are several languages."""
    label = field.get("label") or field.get("value") or field.get("field_name") or ""
    if isinstance(label, Mapping):
        return str(label.get("vi") or next(iter(label.values()), ""))
    return str(label)


def _codes_of_choices(target: Target, labels: Mapping[str, str]) -> dict[str, str]:
    """Return the codes for the choices of a field, without choices that are codes already."""
    if target.kind not in {"code", "codes"}:
        return {}
    codes: dict[str, str] = {}
    for value, label in labels.items():
        if spellings.code_of(target.vocabulary, value) != value:
            code = spellings.code_of(target.vocabulary, label)
            choices = spellings.codes_by_key(target.vocabulary)
            codes[value] = code or choices.get(
                targets.nearest(spellings.text_key(label), choices), ""
            )
    return codes


def _dump_yaml(content: Any) -> str:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)


def _move_entries(sources: list[look.Source]) -> list[tuple[dict[str, Any], bool]]:
    extra_kinds = {"extra", look.RESOURCE}
    by_name = {source["name"]: source for source in sources if source["kind"] not in extra_kinds}
    extras = [source for source in sources if source["kind"] in extra_kinds]
    others = [source for source in sources if source["kind"] not in {*extra_kinds, "tags"}]
    # The name of a contact comes first, its telephone number is added to it.
    ordered = (
        sorted(
            extras,
            key=lambda source: (not source["sure"], "." in source["field"], -source["datasets"]),
        )
        + others
    )
    contact_columns = {name for pair in CONTACT_COLUMNS for name in pair}
    moves = [
        (_move_entry(source), source["sure"])
        for source in ordered
        if source["name"] not in contact_columns and _needs_move(source)
    ]
    moves += [
        ({"from": list(pair), "to": "contact"}, True)
        for pair in CONTACT_COLUMNS
        if any(name in by_name for name in pair)
    ]
    return moves


def _needs_move(source: look.Source) -> bool:
    target = targets.find_target(source["field"])
    fields = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE)
    if target is not None and target.of_resource:
        name = fields.resource_names.get(target.subfield, target.subfield)
        exists = name in fields.resource_texts | fields.resource_lists
        return exists and source["name"] != f"{targets.RESOURCES}{name}"
    if target is None or (fields.name(target.field) not in fields.extras | dataset_fields.core()):
        return False
    if source["name"] != fields.name(target.field):
        return True
    return target.kind in REREAD_KINDS and not all(
        _is_stored(target, value["value"]) for value in source["values"]
    )


def _is_stored(target: Target, value: str) -> bool:
    if target.kind == "group":
        return splitting.is_structure(value)
    if target.kind == "licence":
        return value in targets.UNKNOWN_LICENCES or licence.find(value) is not None
    try:
        read = targets.read(target, value)
    except targets.UnreadError:
        return False
    return read in (value, splitting.items(value))


def _move_entry(source: look.Source) -> dict[str, Any]:
    target = targets.find_target(source["field"])
    if target is None:
        raise LookupError(source["field"])
    entry: dict[str, Any] = {"from": source["name"], "to": source["field"]}
    values = [value["value"] for value in source["values"]]
    if target.kind in {"code", "codes"}:
        choices = look.guess_codes(target.vocabulary, values)
    elif target.kind == "licence":
        choices = _licences(values)
    else:
        choices = {}
    return entry | ({"values": choices} if choices else {})


def _licences(values: list[str]) -> dict[str, str]:
    register = model.Package.get_license_register()
    titles = {
        spellings.text_key(str(getattr(register_licence, "title", ""))): license_id
        for license_id, register_licence in register.items()
    }
    unknown = [
        value
        for value in values
        if value not in targets.UNKNOWN_LICENCES and not targets.licence_of(value)
    ]
    return {
        value: titles.get(targets.nearest(spellings.text_key(value), titles), "")
        for value in unknown
    }


def _legal_basis(edition: vocabulary.Term) -> dict[str, Any]:
    """Return the legal basis of the datasets published while an edition was in force."""
    limits = {"published_from": edition.valid_from, "published_until": edition.valid_to}
    days = {name: str(day) for name, day in limits.items() if day}
    return {
        "for": {"public": "true", **days},
        "set": {"applicable_legislation": list(edition["instruments"])},
        "confirmed": False,
    }


def _defaults() -> list[dict[str, Any]]:
    open_data = {
        "sharing_class": dataset_reader.OPEN_CLASS,
        "access_rights": dataset_reader.PUBLIC,
        "license_id": licence.default_id(),
        "language": ["vi"],
    }
    rows: list[dict[str, Any]] = [
        {"for": {"public": "true"}, "set": open_data, "confirmed": False},
    ]
    rows += [_legal_basis(term) for term in vocabulary.get("legal-edition") if term["instruments"]]
    rows += [
        {"for": {"organization": name}, "set": dict.fromkeys(AGENCY_FIELDS, ""), "confirmed": False}
        for name, _title, _count in look.organisations()
    ]
    return rows
