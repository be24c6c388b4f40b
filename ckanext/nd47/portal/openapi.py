"""The OpenAPI 3.1 description of the actions that read what is public, and examples of their use.

The examples name data of the portal itself: its newest dataset with a file, and its agency.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config, dataset_fields, portal_title
from ckanext.nd47.portal import home

VERSION = "1.0.0"
ACTION = "/api/3/action"
ERRORS = {"400": "Wrong request", "404": "Not found", "409": "Wrong parameters"}

Json = dict[str, Any]


@dataclass(frozen=True)
class Example:
    """What examples name; empty on a portal without data.

    Attributes:
        dataset: name of a public dataset.
        file: id of one of its files.
        agency: name of its agency.
    """

    dataset: str = ""
    file: str = ""
    agency: str = ""


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
    """An action that reads what is public."""

    action: str
    summary: str
    parameters: tuple[Parameter, ...] = ()
    result: str = "object"


def example() -> Example:
    """Return names of public data of the portal."""
    everybody: Any = {"user": "", "auth_user_obj": None}
    asked = {
        "fq": f"{home.PUBLIC} +dataset_type:{dataset_fields.DEFAULT_TYPE} +res_format:[* TO *]",
        "sort": "metadata_modified desc",
        "rows": 1,
        "facet": False,
    }
    found = tk.get_action("package_search")(everybody, asked)["results"]
    if not found:
        return Example()
    dataset = found[0]
    files = dataset.get("resources") or [{}]
    agency = dataset.get("organization") or {}
    return Example(dataset["name"], files[0].get("id", ""), agency.get("name", ""))


def operations(named: Example) -> list[Operation]:
    """Return the actions that are described."""
    query = f"organization:{named.agency}" if named.agency else None
    rows = Parameter("rows", tk._("Number of results, at most 1000"), "integer", example=10)
    start = Parameter("start", tk._("Number of results to skip"), "integer", example=0)
    identifier = tk._("Name or identifier")
    known = [
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
            (Parameter("id", identifier, required=True, example=named.dataset or None),),
        ),
        Operation(
            "resource_show",
            tk._("Read the metadata of a file"),
            (Parameter("id", tk._("Identifier"), required=True, example=named.file or None),),
        ),
        Operation("package_list", tk._("List the names of all datasets"), result="array"),
        Operation("organization_list", tk._("List the agencies"), result="array"),
        Operation(
            "organization_show",
            tk._("Read an agency"),
            (Parameter("id", identifier, required=True, example=named.agency or None),),
        ),
        Operation("tag_list", tk._("List the keywords"), result="array"),
        Operation("license_list", tk._("List the licences"), result="array"),
    ]
    if p.plugin_loaded("datastore"):
        known.append(
            Operation(
                "datastore_search",
                tk._("Read rows of a table"),
                (
                    Parameter("resource_id", tk._("Identifier"), required=True),
                    Parameter("q", tk._("Words to search for")),
                    Parameter("limit", tk._("Number of rows"), "integer", example=100),
                    Parameter("offset", tk._("Number of results to skip"), "integer", example=0),
                ),
            )
        )
    return known


def description() -> Json:
    """Return the description of the API as OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": tk._("API of {portal}").format(portal=portal_title.title()),
            "version": VERSION,
            "description": tk._("Reads everything that is public. No token is needed."),
        },
        "servers": [{"url": config.site_base()}],
        "paths": {
            f"{ACTION}/{one.action}": {"get": _operation(one)} for one in operations(example())
        },
    }


def _operation(one: Operation) -> Json:
    answer = {
        "type": "object",
        "required": ["success", "result"],
        "properties": {"success": {"const": True}, "result": {"type": one.result}},
    }
    return {
        "operationId": one.action,
        "summary": one.summary,
        "parameters": [_parameter(parameter) for parameter in one.parameters],
        "responses": {
            "200": {"description": "OK", "content": {"application/json": {"schema": answer}}},
            **{code: {"description": text} for code, text in ERRORS.items()},
        },
    }


def _parameter(one: Parameter) -> Json:
    described: Json = {
        "name": one.name,
        "in": "query",
        "required": one.required,
        "description": one.description,
        "schema": {"type": one.kind},
    }
    return described if one.example is None else {**described, "example": one.example}
