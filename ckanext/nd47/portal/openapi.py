"""The OpenAPI 3.1 description of the actions that read public data, with examples.

The examples refer to data of the portal: its newest dataset with a file, its agency, and the newest
table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config
from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.web import portal_title
from ckanext.nd47.portal import home

VERSION = "1.0.0"
ACTION = "/api/3/action"
CANDIDATES = 20
"""Newest datasets among which one with a table is looked for."""

ERRORS = {"400": "Wrong request", "404": "Not found", "409": "Wrong parameters"}

Json = dict[str, Any]


@dataclass(frozen=True)
class Example:
    """Public data for the examples; empty on a portal without data.

    Attributes:
        dataset: name of a public dataset.
        file: id of one of its files.
        agency: name of its agency.
        table: id of a file whose rows can be asked for.
    """

    dataset: str = ""
    file: str = ""
    agency: str = ""
    table: str = ""


@dataclass(frozen=True)
class Parameter:
    """A parameter of an action."""

    name: str
    description: str
    kind: str = "string"
    required: bool = False
    example: str | int | None = None


@dataclass(frozen=True)
class Operation:
    """An action that reads public data."""

    action: str
    summary: str
    parameters: tuple[Parameter, ...] = ()
    result: str = "object"


def example() -> Example:
    """Return public data of the portal for the examples."""
    everybody: Any = {"user": "", "auth_user_obj": None}
    query = {
        "fq": f"{home.PUBLIC} +dataset_type:{dataset_fields.DEFAULT_TYPE} +res_format:[* TO *]",
        "sort": "metadata_modified desc",
        "rows": CANDIDATES,
        "facet": False,
    }
    results = tk.get_action("package_search")(everybody, query)["results"]
    if not results:
        return Example()
    dataset = results[0]
    files = dataset.get("resources") or [{}]
    agency = dataset.get("organization") or {}
    tables = (
        file["id"]
        for found in results
        for file in found.get("resources") or []
        if file.get("datastore_active")
    )
    return Example(
        dataset["name"], files[0].get("id", ""), agency.get("name", ""), next(tables, "")
    )


def operations(names: Example) -> list[Operation]:
    """Return the described actions."""
    query = f"organization:{names.agency}" if names.agency else None
    rows = Parameter("rows", tk._("Number of results, at most 1000"), "integer", example=10)
    start = Parameter("start", tk._("Number of results to skip"), "integer", example=0)
    identifier = tk._("Name or identifier")
    described = [
        Operation(
            "package_search",
            tk._("Search datasets"),
            (
                Parameter("q", tk._("Words to search for")),
                Parameter("fq", tk._("Filter, as field:value"), example=query),
                Parameter("sort", tk._("Order"), example="metadata_modified desc"),
                rows,
                start,
            ),
        ),
        Operation(
            "package_show",
            tk._("Read a dataset with its files"),
            (Parameter("id", identifier, required=True, example=names.dataset or None),),
        ),
        Operation(
            "resource_show",
            tk._("Read the metadata of a file"),
            (Parameter("id", tk._("Identifier"), required=True, example=names.file or None),),
        ),
        Operation("package_list", tk._("List the names of all datasets"), result="array"),
        Operation("organization_list", tk._("List the agencies"), result="array"),
        Operation(
            "organization_show",
            tk._("Read an agency"),
            (Parameter("id", identifier, required=True, example=names.agency or None),),
        ),
        Operation("tag_list", tk._("List the keywords"), result="array"),
        Operation("license_list", tk._("List the licences"), result="array"),
    ]
    if p.plugin_loaded("datastore"):
        described.append(
            Operation(
                "datastore_search",
                tk._("Read rows of a table"),
                (
                    Parameter(
                        "resource_id",
                        tk._("Identifier"),
                        required=True,
                        example=names.table or None,
                    ),
                    Parameter("q", tk._("Words to search for")),
                    Parameter("limit", tk._("Number of rows"), "integer", example=100),
                    Parameter("offset", tk._("Number of results to skip"), "integer", example=0),
                ),
            )
        )
    return described


def description() -> Json:
    """Return the OpenAPI 3.1 description of the API."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": tk._("API of {portal}").format(portal=portal_title.title()),
            "version": VERSION,
            "description": tk._("Reads everything that is public. No token is needed."),
        },
        "servers": [{"url": config.site_base()}],
        "paths": {
            f"{ACTION}/{operation.action}": {"get": _operation(operation)}
            for operation in operations(example())
        },
    }


def _operation(operation: Operation) -> Json:
    answer = {
        "type": "object",
        "required": ["success", "result"],
        "properties": {"success": {"const": True}, "result": {"type": operation.result}},
    }
    return {
        "operationId": operation.action,
        "summary": operation.summary,
        "parameters": [_parameter(parameter) for parameter in operation.parameters],
        "responses": {
            "200": {"description": "OK", "content": {"application/json": {"schema": answer}}},
            **{code: {"description": text} for code, text in ERRORS.items()},
        },
    }


def _parameter(parameter: Parameter) -> Json:
    described: Json = {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.description,
        "schema": {"type": parameter.kind},
    }
    return described if parameter.example is None else {**described, "example": parameter.example}
