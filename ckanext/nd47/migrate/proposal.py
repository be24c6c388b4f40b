"""Proposes a map: what each extra may be, and defaults for a person to confirm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from ckan import model

from ckanext.scheming.helpers import scheming_get_dataset_schema

from ckanext.nd47.lib import dataset_fields, splitting, vocabulary
from ckanext.nd47.metadata import dataset_reader, licence
from ckanext.nd47.migrate import guess, reading, words
from ckanext.nd47.migrate.look import ALL_VALUES, Source, look, organisations
from ckanext.nd47.migrate.targets import Target, known

TOGETHER = (("maintainer", "maintainer_email"), ("author", "author_email"))
"""Columns that tell of one person."""
READ_ANEW = frozenset({"code", "codes", "date", "licence", "group", "place"})
"""Kinds whose values a plain text seldom is."""

ABOUT = """\
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
ABOUT_SCHEMA = """\
# schema: trường nào của lược đồ riêng (from) được đọc như trường nào của nd47 (to), không sao
#   chép gì. Dùng với `ckan nd47 schema compose --map TỆP_NÀY`.
#   fields of the portal's own schema that are read as ours; nothing is copied. For
#   `ckan nd47 schema compose --map THIS_FILE`.
"""
UNSURE = "# Chưa chắc chắn, hãy kiểm tra. / Not sure, please check."

OF_AGENCY = (
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
"""What one answer of an agency gives for all its datasets; left empty, nothing is given."""


def propose(*, schema: bool = False) -> str:
    """Return a map for what the datasets have.

    Args:
        schema: fields of the portal's schema that may be ours are to be read and not copied.
    """
    readings = _readings() if schema else []
    read = {entry["from"] for entry, _sure in readings}
    moves = [move for move in _moves(look(ALL_VALUES)) if str(move[0]["from"]) not in read]
    parts = [ABOUT, *_listed("fields", moves)]
    if schema:
        parts += ["\n", ABOUT_SCHEMA, *_listed("schema", readings)]
    parts += ["\n", _dumped({"defaults": _defaults()}), "\n", "leave_alone: []\n"]
    return "".join(parts)


def _listed(key: str, entries: list[tuple[dict[str, Any], bool]]) -> list[str]:
    parts = [f"\n{key}:\n" if entries else f"\n{key}: []\n"]
    for entry, sure in entries:
        parts += [] if sure else [f"{UNSURE}\n"]
        parts.append(_dumped([entry]))
    return parts


def _readings() -> list[tuple[dict[str, Any], bool]]:
    """Return the fields of the portal's schema that may stand for ours, in their order."""
    schema = scheming_get_dataset_schema(dataset_fields.DEFAULT_TYPE) or {}
    fields = schema.get("dataset_fields") or []
    taken = {field.get(dataset_fields.MARK) for field in fields}
    found: list[tuple[dict[str, Any], bool]] = []
    for field in fields:
        name = field["field_name"]
        if field.get(dataset_fields.MARK) or name in known() or name in dataset_fields.core():
            continue
        labels = {str(choice["value"]): _label(choice) for choice in field.get("choices") or ()}
        seen = [(label, 1) for label in labels.values()]
        guessed, sure = _first_guess(name, _label(field), seen)
        target = known().get(guessed)
        if target is None or target.subfield or guessed in taken:
            continue
        taken.add(guessed)
        entry: dict[str, Any] = {"from": name, "to": guessed}
        values = _codes_of_choices(target, labels)
        found.append((entry | ({"values": values} if values else {}), sure))
    return found


def _first_guess(name: str, label: str, seen: guess.Seen) -> tuple[str, bool]:
    for text in (name, label):
        path, sure = guess.field(text, "extra", seen)
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
    """Return the codes that the choices of a list stand for, without those that are codes."""
    if target.kind not in {"code", "codes"}:
        return {}
    found: dict[str, str] = {}
    for value, label in labels.items():
        if reading.code_of(target.vocabulary, value) != value:
            code = reading.code_of(target.vocabulary, label)
            near = words.nearest(words.key(label), words.codes(target.vocabulary))
            found[value] = code or words.codes(target.vocabulary).get(near, "")
    return found


def _dumped(content: Any) -> str:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)


def _moves(seen: list[Source]) -> list[tuple[dict[str, Any], bool]]:
    by_name = {one["name"]: one for one in seen if one["kind"] != "extra"}
    extras = [one for one in seen if one["kind"] == "extra"]
    others = [one for one in seen if one["kind"] not in {"extra", "tags"}]
    # The name of a contact comes before its number, which joins it.
    ordered = (
        sorted(extras, key=lambda one: (not one["sure"], "." in one["field"], -one["datasets"]))
        + others
    )
    together = {name for pair in TOGETHER for name in pair}
    found = [
        (_move(one), one["sure"])
        for one in ordered
        if one["name"] not in together and _moves_to(one)
    ]
    found += [
        ({"from": list(pair), "to": "contact"}, True)
        for pair in TOGETHER
        if any(name in by_name for name in pair)
    ]
    return found


def _moves_to(one: Source) -> bool:
    target = known().get(one["field"])
    fields = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE)
    if target is None or (fields.name(target.field) not in fields.extras | dataset_fields.core()):
        return False
    if one["name"] != fields.name(target.field):
        return True
    return target.kind in READ_ANEW and not all(
        _is_stored(target, value["value"]) for value in one["values"]
    )


def _is_stored(target: Target, value: str) -> bool:
    if target.kind == "group":
        return splitting.is_structure(value)
    if target.kind == "licence":
        return value in reading.UNKNOWN_LICENCES or licence.find(value) is not None
    try:
        read = reading.read(target, value)
    except reading.UnreadError:
        return False
    return read in (value, splitting.items(value))


def _move(one: Source) -> dict[str, Any]:
    target = known()[one["field"]]
    entry: dict[str, Any] = {"from": one["name"], "to": one["field"]}
    seen = [value["value"] for value in one["values"]]
    if target.kind in {"code", "codes"}:
        choices = guess.codes(target.vocabulary, seen)
    elif target.kind == "licence":
        choices = _licences(seen)
    else:
        choices = {}
    return entry | ({"values": choices} if choices else {})


def _licences(seen: list[str]) -> dict[str, str]:
    register = model.Package.get_license_register()
    titles = {words.key(str(getattr(one, "title", ""))): one_id for one_id, one in register.items()}
    unknown = [
        value
        for value in seen
        if value not in reading.UNKNOWN_LICENCES and not reading.licence_of(value)
    ]
    return {value: titles.get(words.nearest(words.key(value), titles), "") for value in unknown}


def _legal_basis(edition: vocabulary.Term) -> dict[str, Any]:
    """Return the law that datasets were published under while it was in force."""
    limits = {"published_from": edition.valid_from, "published_until": edition.valid_to}
    days = {name: str(day) for name, day in limits.items() if day}
    return {
        "for": {"public": "true", **days},
        "set": {"applicable_legislation": list(edition["instruments"])},
        "confirmed": False,
    }


def _defaults() -> list[dict[str, Any]]:
    given = {
        "sharing_class": dataset_reader.OPEN_CLASS,
        "access_rights": dataset_reader.PUBLIC,
        "license_id": licence.default_id(),
        "language": ["vi"],
    }
    rows: list[dict[str, Any]] = [
        {"for": {"public": "true"}, "set": given, "confirmed": False},
    ]
    rows += [_legal_basis(term) for term in vocabulary.get("legal-edition") if term["instruments"]]
    rows += [
        {"for": {"organization": name}, "set": dict.fromkeys(OF_AGENCY, ""), "confirmed": False}
        for name, _title, _count in organisations()
    ]
    return rows
