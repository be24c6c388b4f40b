"""The routes of the export: those of ckanext-dcat, so harvesters need no new addresses."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, make_response, redirect, request, send_file

import ckan.plugins.toolkit as tk

from ckanext.dcat import utils

from ckanext.nd47.agencies import migrated
from ckanext.nd47.dcat import dump
from ckanext.nd47.dcat.export_page import nd47_dcat_export
from ckanext.nd47.dcat.problems_page import nd47_dcat_losses
from ckanext.nd47.dcat.serve import (
    conditional,
    feed,
    fetches,
    formats,
    pages,
    parameters,
    queries,
)
from ckanext.nd47.dcat.serve.formats import FORMATS, Format
from ckanext.nd47.dcat.serve.parameters import BadQueryError
from ckanext.nd47.lib import config
from ckanext.nd47.lib.web.http import media_types


def _stock_page(form: Format) -> Any:
    """Return a page of the catalogue."""
    return utils.read_catalog_page(_stock_format(form))


def _stock_dataset(reference: str, form: Format) -> Any:
    """Return a dataset."""
    return utils.read_dataset_page(reference, _stock_format(form))


def _stock_format(form: Format) -> str:
    return form.stock or FORMATS["ttl"].stock


STOCK_PATTERN = "/catalog.{_format}"
STOCK_OPTION = "ckanext.dcat.catalog_endpoint"

_STOCK_VIEWS = {"dcat.read_catalog": "catalogue", "dcat.read_dataset": "dataset"}
_PAGES_FOR_PEOPLE = {"home.index": "catalogue", "dataset.read": "dataset"}

nd47_dcat = Blueprint("nd47_dcat", __name__)


def blueprints() -> list[Blueprint]:
    """Return the blueprints of this room."""
    return [nd47_dcat, nd47_dcat_losses, nd47_dcat_export]


def answers_errors(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return 400 with one line for invalid parameters, 410 for a place of another history."""

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Any:
        try:
            return view(*args, **kwargs)
        except BadQueryError as error:
            return _text(str(error), 400)
        except feed.OtherHistoryError:
            message = tk._(
                "The portal was restored or has another address: start again without after"
            )
            return _text(message, 410)

    return answer


def _text(message: str, status: int) -> Response:
    return Response(f"{message}\n", status=status, content_type="text/plain; charset=utf-8")


def _no_format(extension: str) -> Response:
    message = tk._("There is no format {extension}; there are {formats}")
    return _text(message.format(extension=extension, formats=", ".join(FORMATS)), 404)


def _not_acceptable(offered: str) -> Response:
    return _text(tk._("Not acceptable; there are {offered}").format(offered=offered), 406)


def catalogue_address(form: Format) -> str:
    """Return the address of the catalogue in a format."""
    pattern = tk.config.get(STOCK_OPTION) or STOCK_PATTERN
    return config.site_base() + pattern.replace("{_format}", form.extension)


def served() -> bool:
    """Return whether the store has every public dataset."""
    return migrated.ready() and queries.complete()


@answers_errors
def catalogue(extension: str) -> Any:
    """Return a page of the catalogue."""
    form = FORMATS.get(extension)
    if form is None:
        return _no_format(extension)
    query = parameters.read(request.args)
    response = pages.answer(query, form, catalogue_address(form)) if migrated.ready() else None
    return response or _stock_page(form)


@answers_errors
def dataset(reference: str, extension: str) -> Any:
    """Return a dataset."""
    form = FORMATS.get(extension)
    if form is None:
        return _no_format(extension)
    parameters.check_profiles(request.args)
    if not served():
        return _stock_dataset(reference, form)
    return pages.dataset(reference, form) or _text(tk._("There is no such dataset"), 404)


@nd47_dcat.route("/catalog")
def negotiated() -> Any:
    """Return the catalogue in the format that the client accepts."""
    form = formats.accepted(request.accept_mimetypes)
    if form is None:
        offered = ", ".join(dict.fromkeys(form.media_type for form in FORMATS.values()))
        response = _not_acceptable(offered)
    else:
        response = make_response(catalogue(form.extension))
    response.headers.add("Vary", "Accept")
    return response


@nd47_dcat.route("/catalog/changes", defaults={"extension": ""})
@nd47_dcat.route("/catalog/changes.<any(trig,json):extension>")
@answers_errors
def changes(extension: str) -> Any:
    """Return the feed of changes, as TriG or JSON."""
    if not served():
        return _text(tk._("The export is not filled yet: run ckan nd47 dcat rebuild"), 503)
    if not extension:
        accept = media_types(request.accept_mimetypes)
        best = accept.best_match(("application/trig", "application/json"))
        if request.accept_mimetypes and best is None:
            return _not_acceptable("application/trig, application/json")
        extension = "json" if best == "application/json" else "trig"
    response = feed.answer(feed.read(request.args), trig=extension == "trig")
    response.headers.add("Vary", "Accept")
    return response


@nd47_dcat.route("/catalog/dump.<any(nt,ttl,jsonld,xml):extension>.gz")
def dump_file(extension: str) -> Any:
    """Send a file of the latest dump."""
    manifest, folder = dump.manifest(), dump.folder()
    if manifest is None or folder is None:
        return _text(tk._("There is no dump yet: run ckan nd47 dcat dump"), 404)
    file = manifest["files"][extension]
    try:
        response = send_file(
            folder / file["name"],
            mimetype="application/gzip",
            etag=file["sha256"],
            conditional=True,
            download_name=f"catalog.{extension}.gz",
        )
    except FileNotFoundError:
        return _text(tk._("The dump is being replaced: ask again"), 503)
    checksum = base64.b64encode(bytes.fromhex(file["sha256"])).decode()
    response.headers["Repr-Digest"] = f"sha-256=:{checksum}:"
    return response


@nd47_dcat.route("/catalog/dump.<any(nt,ttl,jsonld,xml):extension>.gz.sha256")
def dump_checksum(extension: str) -> Any:
    """Return the checksum of a file, as `sha256sum -c` reads it."""
    manifest = dump.manifest()
    if manifest is None:
        return _text(tk._("There is no dump yet: run ckan nd47 dcat dump"), 404)
    return _text(f"{manifest['files'][extension]['sha256']}  dump.{extension}.gz", 200)


@nd47_dcat.route("/catalog/dump.json")
def dump_manifest() -> Any:
    """Return the datasets of the latest dump, and the checksums of its files."""
    manifest = dump.manifest()
    if manifest is None:
        return _text(tk._("There is no dump yet: run ckan nd47 dcat dump"), 404)
    shown = {name: value for name, value in manifest.items() if name != "mark"}
    for extension, file in manifest["files"].items():
        file["url"] = dump.address(extension)
    moment = dt.datetime.fromisoformat(manifest["written"])
    tag = conditional.etag(manifest["written"])
    version = conditional.Version(tag, moment, moment + conditional.FRESH)
    content = json.dumps(shown, ensure_ascii=False).encode()
    return conditional.answer(version, "application/json", lambda: content)


@nd47_dcat.before_app_request
def instead() -> Any:
    """Respond in place of ckanext-dcat, whichever plugin's route matched.

    Clients that request RDF at the address of a page are redirected to it: the IRI of a dataset is
    the address of its page.
    """
    endpoint = request.endpoint or ""
    arguments = request.view_args or {}
    if endpoint in _STOCK_VIEWS and arguments.get("_format"):
        if _STOCK_VIEWS[endpoint] == "catalogue":
            return catalogue(arguments["_format"])
        return dataset(arguments["_id"], arguments["_format"])
    kind = _PAGES_FOR_PEOPLE.get(endpoint) or _STOCK_VIEWS.get(endpoint)
    if not kind or request.method not in ("GET", "HEAD"):
        return None
    form = formats.wanted_instead_of_html(request.accept_mimetypes)
    if form is None:
        return None
    if kind == "catalogue":
        response = redirect(catalogue_address(form), 303)
    else:
        reference = arguments.get("id") or arguments.get("_id")
        # Percent-encoded as in the URL: a line break must not start a header.
        name = quote(str(reference), safe="")
        address = f"{config.site_base()}/dataset/{name}.{form.extension}"
        response = redirect(address, 303)
    response.headers.add("Vary", "Accept")
    return response


@nd47_dcat.after_app_request
def count_fetches(response: Response) -> Response:
    """Count who fetches the catalogue, for the administrator's page."""
    fetches.count(request, response)
    return response


@nd47_dcat.record
def _add_addresses(state: Any) -> None:
    """Add the routes when the application is created; the options are not available before."""
    pattern = tk.config.get(STOCK_OPTION) or STOCK_PATTERN
    for rule, name, view in (
        (pattern.replace("{_format}", "<extension>"), "catalogue", catalogue),
        ("/dataset/<reference>.<extension>", "dataset", dataset),
    ):
        state.add_url_rule(rule, name, view_func=view)
