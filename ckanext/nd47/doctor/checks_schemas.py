"""Checks of the schemas and presets of ckanext-scheming."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ckanext.nd47.doctor import schema_files
from ckanext.nd47.doctor.check import Check, Found, found
from ckanext.nd47.doctor.portal import Portal


def unreadable_files(portal: Portal) -> Iterator[Found]:
    """Look for files of schemas and presets that cannot be read."""
    for option in (*schema_files.TYPES, schema_files.PRESETS):
        for reference in schema_files.references(portal, option):
            try:
                content = schema_files.read(reference)
            except schema_files.FileError as error:
                yield found("schema-unreadable", option=option, file=reference, reason=error)
                continue
            if content is None:
                yield found("schema-elsewhere", option=option, file=reference)


def missing_presets(portal: Portal) -> Iterator[Found]:
    """Look for presets that a schema uses and no file defines."""
    listed = schema_files.references(portal, schema_files.PRESETS)
    files = schema_files.readable(portal, schema_files.PRESETS)
    if len(files) < len(listed):
        # Another check says which file cannot be read; what it defines is not known.
        return
    known = {name for _, content in files for name in schema_files.preset_names(content)}
    for option in schema_files.TYPES:
        for reference, content in schema_files.readable(portal, option):
            used = {str(one["preset"]) for one in schema_files.fields(content) if "preset" in one}
            if lacking := sorted(used - known):
                yield found("preset-missing", file=reference, presets=lacking)


def doubled_types(portal: Portal) -> Iterator[Found]:
    """Look for types that two schemas describe: the last one wins."""
    for option, key in schema_files.TYPES.items():
        read = schema_files.readable(portal, option)
        types = Counter(str(content.get(key)) for _, content in read)
        for name, count in types.items():
            if count > 1:
                files = [one for one, content in read if str(content.get(key)) == name]
                line = " ".join(
                    one for one in schema_files.references(portal, option) if one not in files[:-1]
                )
                yield found("schema-type-twice", option=option, type=name, files=files, line=line)


def field_names(portal: Portal) -> Iterator[Found]:
    """Look for fields named twice in a schema, and for those that share a name with ours only."""
    shapes = {
        str(one["field_name"]): _shape(one)
        for one in schema_files.own("dataset")["dataset_fields"]
        if "field_name" in one
    }
    for reference, content in schema_files.readable(portal, schema_files.DATASETS):
        for key in ("dataset_fields", "resource_fields"):
            listed = [one for one in content.get(key) or [] if isinstance(one, dict)]
            names = Counter(str(one.get("field_name")) for one in listed)
            for name in (name for name, count in names.items() if count > 1):
                yield found("field-twice", file=reference, field=name)
        if schema_files.is_ours(reference):
            continue
        for one in content.get("dataset_fields") or []:
            name = str(one.get("field_name")) if isinstance(one, dict) else ""
            if name in shapes and _shape(one) != shapes[name]:
                yield found("field-clash", file=reference, field=name)


def _shape(field: schema_files.Content) -> bool:
    """Say whether a field is a group of subfields, which a text cannot be read as."""
    return bool(field.get("repeating_subfields"))


CHECKS = (
    Check(unreadable_files, ("schema-unreadable", "schema-elsewhere")),
    Check(missing_presets, ("preset-missing",)),
    Check(doubled_types, ("schema-type-twice",)),
    Check(field_names, ("field-twice", "field-clash")),
)
