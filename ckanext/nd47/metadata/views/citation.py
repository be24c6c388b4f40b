"""Downloads of the reference to a dataset: `/dataset/<id>/citation.<extension>`."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import values
from ckanext.nd47.metadata import citation
from ckanext.nd47.metadata.citation_formats import FORMATS

nd47_citation = Blueprint("nd47_citation", __name__)


@nd47_citation.route(f"/dataset/<id>/citation.<any({', '.join(FORMATS)}):extension>")
def download(id: str, extension: str) -> Response:
    """Give the reference to a dataset in a format."""
    try:
        dataset = tk.get_action("package_show")({}, {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        # One answer for both, so that nobody learns which private datasets there are.
        tk.abort(404, tk._("Dataset not found or you have no permission to view it"))
    form = FORMATS[extension]
    reference = citation.of(dataset, dt.datetime.now(values.VIETNAM).date())
    response = Response(form.write(reference), content_type=f"{form.media_type}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{reference.key}.{extension}"'
    # The text is a stranger's: no browser may take it for a page.
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
