"""Suggestions and lists that understand Vietnamese; all else is left to CKAN's own actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.l10n import listing
from ckanext.nd47.l10n.collation import sort_key
from ckanext.nd47.l10n.search import suggestions

__all__ = [
    "group_autocomplete",
    "group_list",
    "organization_autocomplete",
    "organization_list",
    "package_autocomplete",
    "tag_autocomplete",
    "tag_list",
    "tag_search",
    "user_autocomplete",
]

Action = Callable[[Context, DataDict], Any]


@tk.chained_action
@tk.side_effect_free
def package_autocomplete(
    original_action: Action, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Return datasets whose title or name holds what was typed, with or without diacritics."""
    tk.check_access("package_autocomplete", context, data_dict)
    typed = tk.get_or_bust(data_dict, "q")
    if not str(typed).strip():
        return original_action(context, data_dict)
    found = tk.get_action("package_search")(
        cast(Context, {key: context[key] for key in context if key != "schema"}),
        {
            "q": suggestions.dataset_query(str(typed)),
            "fl": ["name", "title"],
            "rows": data_dict.get("limit", 10),
            "facet": False,
            "include_private": True,
        },
    )
    return [_as_suggestion(row, str(typed)) for row in found["results"]]


def _as_suggestion(row: dict[str, Any], typed: str) -> dict[str, Any]:
    name, title = row["name"], row.get("title") or row["name"]
    by_name = typed.lower() in name
    return {
        "name": name,
        "title": title,
        "match_field": "name" if by_name else "title",
        "match_displayed": name if by_name else f"{title} ({name})",
    }


@tk.chained_action
@tk.side_effect_free
def organization_autocomplete(
    original_action: Action, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Return organisations whose title or name holds what was typed."""
    tk.check_access("organization_autocomplete", context, data_dict)
    limit = int(data_dict.get("limit", 20))
    return suggestions.groups(tk.get_or_bust(data_dict, "q"), is_org=True, limit=limit)


@tk.chained_action
@tk.side_effect_free
def group_autocomplete(
    original_action: Action, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Return groups whose title or name holds what was typed."""
    tk.check_access("group_autocomplete", context, data_dict)
    limit = int(data_dict.get("limit", 20))
    return suggestions.groups(tk.get_or_bust(data_dict, "q"), is_org=False, limit=limit)


@tk.chained_action
@tk.side_effect_free
def user_autocomplete(
    original_action: Action, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Return users that CKAN finds, and those whose full name holds what was typed."""
    found = original_action(context, data_dict)
    limit = int(data_dict.get("limit", 20))
    own = context.get("user") if tk.asbool(data_dict.get("ignore_self")) else None
    users = suggestions.users(data_dict["q"], found, limit)
    return [user for user in users if not own or user["name"] != own]


@tk.chained_action
@tk.side_effect_free
def tag_autocomplete(original_action: Action, context: Context, data_dict: DataDict) -> list[str]:
    """Return names of tags that hold what was typed."""
    tk.check_access("tag_autocomplete", context, data_dict)
    found = _tags(data_dict)
    return original_action(context, data_dict) if found is None else [tag.name for tag in found[0]]


@tk.chained_action
@tk.side_effect_free
def tag_search(original_action: Action, context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return tags that hold every term, and how many there are."""
    tk.check_access("tag_search", context, data_dict)
    found = _tags(data_dict)
    if found is None:
        return original_action(context, data_dict)
    tags, count = found
    return {"count": count, "results": [tag.as_dict() for tag in tags]}


@tk.chained_action
@tk.side_effect_free
def tag_list(original_action: Action, context: Context, data_dict: DataDict) -> list[Any]:
    """Return all tags, or those that hold what was asked for, in Vietnamese order."""
    tk.check_access("tag_list", context, data_dict)
    found = _tags(data_dict)
    if found is None:
        listed = original_action(context, data_dict)
    else:
        names = {tag.name for tag in found[0]}
        plain = {key: data_dict[key] for key in data_dict if key not in ("q", "query")}
        listed = [tag for tag in original_action(context, plain) if _tag_name(tag) in names]
    return sorted(listed, key=lambda tag: sort_key(_tag_name(tag)))


def _tag_name(tag: Any) -> str:
    return tag["name"] if isinstance(tag, dict) else tag


def _tags(data_dict: DataDict) -> tuple[list[model.Tag], int] | None:
    """Return one page of the tags asked for and their number; None where CKAN is to answer."""
    terms = data_dict.get("query") or data_dict.get("q") or []
    terms = [terms] if isinstance(terms, str) else list(terms)
    terms = [str(term).strip() for term in terms if str(term).strip()]
    if not terms or data_dict.get("fields"):
        return None
    vocabulary = None
    if data_dict.get("vocabulary_id"):
        vocabulary = model.Vocabulary.get(data_dict["vocabulary_id"])
        if vocabulary is None:
            return None
    found = suggestions.tags(terms, vocabulary)
    start, rows = int(data_dict.get("offset") or 0), data_dict.get("limit")
    return found[start : start + int(rows)] if rows is not None else found[start:], len(found)


@tk.chained_action
@tk.side_effect_free
def organization_list(original_action: Action, context: Context, data_dict: DataDict) -> list[Any]:
    """Return organisations in Vietnamese order, over all pages; `q` folds diacritics."""
    tk.check_access("organization_list", context, data_dict)
    return _groups(original_action, context, data_dict, is_org=True)


@tk.chained_action
@tk.side_effect_free
def group_list(original_action: Action, context: Context, data_dict: DataDict) -> list[Any]:
    """Return groups in Vietnamese order, over all pages; `q` folds diacritics."""
    tk.check_access("group_list", context, data_dict)
    return _groups(original_action, context, data_dict, is_org=False)


def _groups(
    original_action: Action, context: Context, data_dict: DataDict, *, is_org: bool
) -> list[Any]:
    asked = listing.wanted(data_dict)
    if asked is None:
        return original_action(context, data_dict)
    found = listing.names(data_dict, asked, is_org=is_org)
    by_title = asked.backwards is not None
    if by_title:
        found = found[asked.offset : asked.offset + asked.limit]
        if not tk.asbool(data_dict.get("all_fields")):
            return [pair[0] if context.get("api_version") == 2 else pair[1] for pair in found]  # noqa: PLR2004 - CKAN's second API gives ids
    if not found:
        return []
    order = [name for _id, name in found]
    narrowed = {**data_dict, "q": "", listing.CHOSEN[is_org]: order}
    if not by_title:
        return original_action(context, narrowed)
    # The page is chosen already; CKAN would otherwise count its offset again.
    page = {**narrowed, "offset": 0, "limit": len(order), "sort": "title asc"}
    return listing.in_order(original_action(context, page), order)
