"""Suggestions while typing: datasets, agencies, fields and keywords that a user may see."""

from __future__ import annotations

from typing import cast

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.nd47.l10n.search import suggestions
from ckanext.nd47.lib.language import text

Item = dict[str, str]

MIN_LETTERS = 2
"""Minimum number of letters for which there are suggestions."""

MAX_ITEMS = 10
"""Maximum number of suggestions of a kind."""


def suggest(context: Context, words: str, limit: int) -> dict[str, list[Item]]:
    """Return suggestions by kind, each with `title` and `url`.

    Args:
        context: the context of the action; each kind is read with the permissions of its user.
        words: what has been typed; the last word may be incomplete.
        limit: maximum number of suggestions of a kind.
    """
    if len(text.fold(words).replace(" ", "")) < MIN_LETTERS:
        return {"datasets": [], "agencies": [], "themes": [], "keywords": []}
    return {
        "datasets": _datasets(context, words, limit),
        "agencies": _agencies(context, words, limit),
        "themes": _themes(words, limit),
        "keywords": _keywords(words, limit),
    }


def of_user(context: Context) -> Context:
    """Return a new context for the same user, since actions change theirs."""
    own = {key: value for key, value in context.items() if key in ("user", "auth_user_obj")}
    return cast("Context", own)


def _datasets(context: Context, words: str, limit: int) -> list[Item]:
    parameters = {"q": words, "limit": limit}
    found = tk.get_action("package_autocomplete")(of_user(context), parameters)
    return [
        {"title": dataset["title"], "url": tk.h.url_for("dataset.read", id=dataset["name"])}
        for dataset in found
    ]


def _agencies(context: Context, words: str, limit: int) -> list[Item]:
    try:
        found = tk.get_action("organization_autocomplete")(
            of_user(context), {"q": words, "limit": limit}
        )
    except tk.NotAuthorized:
        return []
    return [
        {
            "title": suggestions.shown_title(agency["name"], agency["title"]),
            "url": tk.h.url_for("organization.read", id=agency["name"]),
        }
        for agency in found
    ]


def _themes(words: str, limit: int) -> list[Item]:
    """Return fields of the plugin `nd47`, if the portal has it."""
    return tk.h.nd47_suggested_themes(words, limit) if "nd47_suggested_themes" in tk.h else []


def _keywords(words: str, limit: int) -> list[Item]:
    found = suggestions.tags([words], None, public=True)[:limit]
    return [
        {"title": tag.name, "url": tk.h.url_for("dataset.search", tags=tag.name)} for tag in found
    ]
