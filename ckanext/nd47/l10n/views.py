"""The route of suggestions while typing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

import ckan.plugins.toolkit as tk
from ckan.types import Context

nd47_search = Blueprint("nd47_search", __name__)

__all__ = ["nd47_search"]


@nd47_search.route("/search/suggestions")
def suggestions() -> Response:
    """Return suggestions for the parameter `q`, grouped and with titles in the user's language."""
    try:
        completions: dict[str, Any] = tk.get_action("nd47_search_autocomplete")(
            Context(), {"q": tk.request.args.get("q", "")}
        )
    except tk.NotAuthorized:
        tk.abort(403)
    titles = {
        "themes": tk._("Themes"),
        "agencies": tk._("Agencies"),
        "keywords": tk._("Keywords"),
        "datasets": tk._("Datasets"),
    }
    return jsonify(
        groups=[
            {"title": title, "items": completions[kind]}
            for kind, title in titles.items()
            if completions[kind]
        ]
    )
