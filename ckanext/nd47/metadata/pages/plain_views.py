"""The API for harvesters that store datasets in a CKAN without a schema: `/plain/api/3/action/…`.

A portal that harvests by the API of CKAN uses `<site_url>/plain` as the address of the source. Its
answers are those of CKAN's own API, with each dataset as `plain` returns it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, make_response

import ckan.plugins.toolkit as tk
from ckan.views import api

from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.metadata.pages import plain

__all__ = ["nd47_plain"]

nd47_plain = Blueprint("nd47_plain", __name__, url_prefix="/plain")

HTTP_OK = 200
API_VERSION = 3


def _searched(result: dict[str, Any]) -> dict[str, Any]:
    datasets = result["results"]
    # A search for single fields (`fl`) does not return complete datasets.
    whole = [
        dataset
        for dataset in datasets
        if "resources" in dataset and "owner_org" in dataset and "id" in dataset
    ]
    dataset_reader.prime(whole)
    with vocabulary.preloaded():
        return {**result, "results": [plain.dataset(dataset) for dataset in whole]}


def _agency(result: dict[str, Any]) -> dict[str, Any]:
    """Return a group or an organisation with the fields that every CKAN has."""
    names = ("id", "name", "title", "description", "image_url", "image_display_url", "state")
    return {name: result[name] for name in names if name in result}


ANSWERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "package_search": _searched,
    "package_show": plain.dataset,
    "organization_show": _agency,
    "group_show": _agency,
}
"""The actions that a harvester calls, with what makes their results plain."""


@nd47_plain.route(f"/api/action/<any({', '.join(ANSWERS)}):name>")
@nd47_plain.route(f"/api/{API_VERSION}/action/<any({', '.join(ANSWERS)}):name>")
def action(name: str) -> Response:
    """Answer as CKAN's API does, with plain datasets."""
    if "callback" in tk.request.args:
        tk.abort(400, "callback")
    response = make_response(api.action(name, ver=API_VERSION))
    content = json.loads(response.get_data())
    if response.status_code == HTTP_OK:
        content["result"] = ANSWERS[name](content["result"])
    response.set_data(json.dumps(content, ensure_ascii=False))
    return response
