"""Checks of the schemas and presets of ckanext-scheming."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ckanext.nd47.doctor import schema_files
from ckanext.nd47.doctor.check import Check, Result, report
from ckanext.nd47.doctor.portal import Portal


def unreadable_files(portal: Portal) -> Iterator[Result]:
    """Find schema and preset files that cannot be read."""
    for option in (*schema_files.TYPES, schema_files.PRESETS):
        for reference in schema_files.references(portal, option):
            try:
                content = schema_files.read(reference)
            except schema_files.FileError as error:
                yield report("schema-unreadable", option=option, file=reference, reason=error)
                continue
            if content is None:
                yield report("schema-elsewhere", option=option, file=reference)


def missing_presets(portal: Portal) -> Iterator[Result]:
    """Find presets that a schema uses and no file defines."""
    references = schema_files.references(portal, schema_files.PRESETS)
    files = schema_files.readable(portal, schema_files.PRESETS)
    if len(files) < len(references):
        # Another check reports unreadable files; their presets are unknown.
        return
    defined = {name for _, content in files for name in schema_files.preset_names(content)}
    for option in schema_files.TYPES:
        for reference, content in schema_files.readable(portal, option):
            used = {
                str(field["preset"]) for field in schema_files.fields(content) if "preset" in field
            }
            if lacking := sorted(used - defined):
                yield report("preset-missing", file=reference, presets=lacking)


def doubled_types(portal: Portal) -> Iterator[Result]:
    """Find dataset types with two schemas: the last one is used."""
    for option, key in schema_files.TYPES.items():
        read = schema_files.readable(portal, option)
        types = Counter(str(content.get(key)) for _, content in read)
        for name, count in types.items():
            if count > 1:
                files = [reference for reference, content in read if str(content.get(key)) == name]
                line = " ".join(
                    reference
                    for reference in schema_files.references(portal, option)
                    if reference not in files[:-1]
                )
                yield report("schema-type-twice", option=option, type=name, files=files, line=line)


def field_names(portal: Portal) -> Iterator[Result]:
    """Find fields that are listed twice, or share only the name with an nd47 field."""
    shapes = {
        str(field["field_name"]): _shape(field)
        for field in schema_files.own("dataset")["dataset_fields"]
        if "field_name" in field
    }
    for reference, content in schema_files.readable(portal, schema_files.DATASETS):
        for key in ("dataset_fields", "resource_fields"):
            fields = [field for field in content.get(key) or [] if isinstance(field, dict)]
            names = Counter(str(field.get("field_name")) for field in fields)
            for name in (name for name, count in names.items() if count > 1):
                yield report("field-twice", file=reference, field=name)
        if schema_files.is_ours(reference):
            continue
        for field in content.get("dataset_fields") or []:
            name = str(field.get("field_name")) if isinstance(field, dict) else ""
            if name in shapes and _shape(field) != shapes[name]:
                yield report("field-clash", file=reference, field=name)


def _shape(field: schema_files.Content) -> bool:
    """Return whether a field is a group of subfields, which cannot be read from a text."""
    return bool(field.get("repeating_subfields"))


CHECKS = (
    Check(unreadable_files, ("schema-unreadable", "schema-elsewhere")),
    Check(missing_presets, ("preset-missing",)),
    Check(doubled_types, ("schema-type-twice",)),
    Check(field_names, ("field-twice", "field-clash")),
)
