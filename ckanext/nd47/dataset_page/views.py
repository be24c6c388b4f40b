"""Pages and downloads of a dataset: all files as ZIP, the history of its data as page and feed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.nd47.dataset_page import archive, data_history

__all__ = ["nd47_dataset_page"]

nd47_dataset_page = Blueprint("nd47_dataset_page", __name__, url_prefix="/dataset")


@nd47_dataset_page.route("/<id>/files.zip")
def files(id: str) -> Response:
    """Send all uploaded files of a dataset as one ZIP."""
    context = _context()
    dataset = _shown(context, id)
    stored = archive.stored_files(context, dataset)
    if not stored:
        tk.abort(404, tk._("This dataset has no files that are stored on the portal."))
    size, chunks = archive.stream(dataset, stored)
    response = Response(chunks, content_type="application/zip")
    response.content_length = size
    response.headers["Content-Disposition"] = f'attachment; filename="{dataset["name"]}.zip"'
    return response


@nd47_dataset_page.route("/<id>/data-history")
def history(id: str) -> str:
    """Show the changes of the files of a dataset."""
    dataset = _shown(_context(), id)
    extra_vars = {
        "pkg_dict": dataset,
        "dataset_type": dataset["type"],
        "changes": data_history.changes(dataset),
        "kind_label": data_history.kind_label,
    }
    return tk.render("nd47/dataset_page/history.html", extra_vars)


@nd47_dataset_page.route("/<id>/data-history.atom")
def feed(id: str) -> Response:
    """Return the changes of the files of a dataset as an Atom feed."""
    dataset = _shown(_context(), id)
    address = tk.h.url_for("nd47_dataset_page.feed", id=dataset["name"], _external=True)
    return Response(
        data_history.feed(dataset, address), content_type="application/atom+xml; charset=utf-8"
    )


def _context() -> Context:
    return Context(user=tk.current_user.name, auth_user_obj=tk.current_user)


def _shown(context: Context, reference: str) -> dict[str, Any]:
    try:
        return tk.get_action("package_show")(context, {"id": reference})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        # The same response for both, which does not reveal which private datasets exist.
        tk.abort(404, tk._("Dataset not found or you have no permission to view it"))
