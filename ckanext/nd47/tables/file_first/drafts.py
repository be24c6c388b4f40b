"""Makes the draft of a dataset from its file, and saves what the officer made of the proposals."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.tables.check import limits
from ckanext.nd47.tables.check.examine import Quick
from ckanext.nd47.tables.check_jobs import process
from ckanext.nd47.tables.file_first import proposals

DRAFT = "draft"
CHUNK = 2**20
AGENCY = "owner_org"


class Draft(NamedTuple):
    """A new draft: its dataset, and the names of the fields with a proposal."""

    dataset: dict[str, Any]
    proposed: list[str]


def look(upload: FileStorage) -> Quick:
    """Return what can be told about an uploaded file at once; its position is set to the start."""
    with tempfile.NamedTemporaryFile(prefix="nd47-quick-") as file:
        upload.stream.seek(0)
        left = limits.LARGEST_LINKED
        while left > 0 and (content := upload.stream.read(min(CHUNK, left))):
            file.write(content)
            left -= len(content)
        file.flush()
        upload.stream.seek(0)
        return process.quick(Path(file.name), upload.filename or "")


def create(context: Context, upload: FileStorage, agency_id: str) -> Draft:
    """Create a draft with a file and everything that follows from it.

    Raises:
        ckan.plugins.toolkit.ValidationError: CKAN refuses the file or the dataset.
    """
    proposed = proposals.of(context, upload.filename or "", look(upload), agency_id)
    fields = _named(proposed["dataset"])
    if agency_id:
        fields[AGENCY] = agency_id
    dataset = tk.get_action("package_create")(_own(context), {**fields, "state": DRAFT})
    try:
        tk.get_action("resource_create")(
            _own(context),
            {
                **proposed["resource"],
                "package_id": dataset["id"],
                "url": upload.filename,
                "url_type": "upload",
                "upload": upload,
                **_assumed(),
            },
        )
    except tk.ValidationError:
        # A draft without its file is nothing that somebody began.
        tk.get_action("dataset_purge")(
            Context(ignore_auth=True, user=context.get("user") or ""), {"id": dataset["id"]}
        )
        raise
    dataset = tk.get_action("package_show")(_own(context), {"id": dataset["id"]})
    return Draft(
        dataset, [*proposed["dataset"], *(f"resource-{field}" for field in proposed["resource"])]
    )


def save(
    context: Context, dataset_id: str, changes: Mapping[str, Any], of_file: Mapping[str, Any]
) -> dict[str, Any]:
    """Save what the officer made of the proposals: of the dataset, and of its first file.

    Raises:
        ckan.plugins.toolkit.ValidationError: a value is invalid.
    """
    own = _own(context)
    dataset = tk.get_action("package_show")(cast("Context", {**own}), {"id": dataset_id})
    resources = [dict(resource) for resource in dataset["resources"]]
    if resources:
        resources[0] |= of_file
    return tk.get_action("package_patch")(
        own, {"id": dataset_id, **_named(changes), "resources": resources}
    )


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by the names of the portal's own schema."""
    fields = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE)
    return {fields.name(name): value for name, value in values.items()}


def usual(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form proposes for empty fields of any dataset, such as the licence.

    It follows from no file, so it is stored only when the officer has seen it.
    """
    schema = tk.h.scheming_get_dataset_schema(dataset_fields.DEFAULT_TYPE) or {}
    of_form = tk.h.nd47_proposed(
        schema.get("dataset_fields", []), dataset, dataset_fields.DEFAULT_TYPE
    )
    return {name: value for name, value in of_form.items() if value and not dataset.get(name)}


def _assumed() -> dict[str, str]:
    schema = tk.h.scheming_get_dataset_schema(dataset_fields.DEFAULT_TYPE) or {}
    return {
        field["field_name"]: field["form_assumed"]
        for field in schema.get("resource_fields") or ()
        if field.get("form_assumed")
    }


def _own(context: Context) -> Context:
    return Context(user=context.get("user") or "", auth_user_obj=context.get("auth_user_obj"))
