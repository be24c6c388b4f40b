"""Actions on datasets that begin with their file, and on files that are being chosen."""

from __future__ import annotations

from typing import Any, TypedDict

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.tables.file_first import drafts, schema
from ckanext.nd47.tables.findings import messages
from ckanext.nd47.tables.findings.messages import ShownFinding

__all__ = ["nd47_dataset_create_from_file", "nd47_file_check_quick"]


class FromFile(TypedDict):
    """A new draft; see `nd47_dataset_create_from_file`."""

    dataset: dict[str, Any]
    proposed: list[str]


class QuickCheck(TypedDict):
    """What can be told at once; see `nd47_file_check_quick`."""

    format: str
    encoding: str
    rows: int
    columns: int
    is_part: bool
    findings: list[ShownFinding]


def nd47_dataset_create_from_file(context: Context, data_dict: DataDict) -> FromFile:
    """Create the draft of a dataset from its file, with all that follows from the file.

    :param upload: the file
    :type upload: file
    :param owner_org: id or name of the agency (optional, as with `package_create`)
    :type owner_org: string
    :returns: `dataset`, the draft with its file; `proposed`, the names of the fields that were
        filled in from the file, `resource-` before those of the file
    :rtype: dictionary
    """
    tk.check_access("nd47_dataset_create_from_file", context, data_dict)
    upload = schema.upload(data_dict)
    agency = schema.agency(data_dict)
    organisation = model.Group.get(agency) if agency else None
    if agency and (organisation is None or not organisation.is_organization):
        raise tk.ValidationError({"owner_org": [tk._("There is no such agency.")]})
    draft = drafts.create(context, upload, organisation.id if organisation else "")
    return FromFile(dataset=draft.dataset, proposed=draft.proposed)


def nd47_file_check_quick(context: Context, data_dict: DataDict) -> QuickCheck:
    """Say at once what can be told of a file, or of its beginning; nothing is stored.

    For who may edit the dataset that the file is for.

    :param id: id or name of the dataset
    :type id: string
    :param upload: the file, or its first megabyte if it is a text
    :type upload: file
    :returns: `format`, `encoding`, `rows` and `columns` of the first table, `is_part`, whether only
        the beginning was looked at, and `findings` as in `nd47_file_check`
    :rtype: dictionary
    """
    tk.check_access("nd47_file_check_quick", context, data_dict)
    quick = drafts.look(schema.upload(data_dict))
    report = quick["report"]
    first = report["parts"][0] if report["parts"] else None
    heaviest = list(messages.levels())
    findings = [messages.shown(finding) for finding in report["findings"]]
    findings.sort(key=lambda finding: heaviest.index(finding["level"]))
    return QuickCheck(
        format=report["format"],
        encoding=report["encoding"],
        rows=first["rows"] if first else 0,
        columns=len(first["columns"]) if first else 0,
        is_part=quick["is_part"],
        findings=findings,
    )
