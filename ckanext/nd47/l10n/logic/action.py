"""Suggestions and lists that understand Vietnamese; all else is left to CKAN's own actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.lib.search import SearchError, SearchQueryError
from ckan.types import Context, DataDict

from ckanext.nd47.l10n import listing
from ckanext.nd47.l10n.search import query, suggestions
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.text import sort_key

__all__ = [
    "group_autocomplete",
    "group_list",
    "organization_autocomplete",
    "organization_list",
    "package_autocomplete",
    "package_search",
    "tag_autocomplete",
    "tag_list",
    "tag_search",
    "user_autocomplete",
]

Action = Callable[[Context, DataDict], Any]

SUGGESTIONS = 20

NO_SUCH_ORDER = ('Invalid "sort" parameter', "sort param field can't be found")
"""What CKAN and Solr say of an order that they do not know."""

LISTS = {
    **dict.fromkeys(("q", "sort", "order_by", "type"), "text"),
    **dict.fromkeys(("limit", "offset"), "number"),
    **dict.fromkeys(("groups", "organizations"), "list"),
    "all_fields": "flag",
    "include_dataset_count": "flag",
    "include_extras": "flag",
    "include_groups": "flag",
    "include_tags": "flag",
    "include_users": "flag",
    "include_member_count": "flag",
}
TAGS = {"vocabulary_id": "text", "offset": "number", "limit": "number", "all_fields": "flag"}


@tk.chained_action
@tk.side_effect_free
def package_search(
    original_action: Action, context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Search datasets; a query that names a field and is not understood is looked for as text."""
    data_dict = inputs.of_kinds(data_dict, rows="number", start="number")
    try:
        return original_action(context, data_dict)
    except SearchError as error:
        if any(reason in str(error) for reason in NO_SUCH_ORDER):
            raise SearchQueryError(tk._("There is no such order of datasets.")) from error
        plain = query.as_text(data_dict.get("q"))
        if not plain:
            raise
        return original_action(context, {**data_dict, "q": plain})


@tk.chained_action
@tk.side_effect_free
def package_autocomplete(
    original_action: Action, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Return datasets whose title or name holds what was typed, with or without diacritics."""
    tk.check_access("package_autocomplete", context, data_dict)
    typed = inputs.search_words(data_dict)
    limit = inputs.number(data_dict, "limit", 10)
    if not typed:
        return original_action(context, {**data_dict, "q": "", "limit": limit})
    found = tk.get_action("package_search")(
        cast(Context, {key: context[key] for key in context if key != "schema"}),
        {
            "q": suggestions.dataset_query(typed),
            "fl": ["name", "title"],
            "rows": limit,
            "facet": False,
            "include_private": True,
        },
    )
    return [_as_suggestion(row, typed) for row in found["results"]]


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
    limit = inputs.number(data_dict, "limit", SUGGESTIONS)
    return suggestions.groups(inputs.search_words(data_dict), is_org=True, limit=limit)


@tk.chained_action
@tk.side_effect_free
def group_autocomplete(
    original_action: Action, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Return groups whose title or name holds what was typed."""
    tk.check_access("group_autocomplete", context, data_dict)
    limit = inputs.number(data_dict, "limit", SUGGESTIONS)
    return suggestions.groups(inputs.search_words(data_dict), is_org=False, limit=limit)


@tk.chained_action
@tk.side_effect_free
def user_autocomplete(
    original_action: Action, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Return users that CKAN finds, and those whose full name holds what was typed."""
    tk.check_access("user_autocomplete", context, data_dict)
    data_dict = inputs.of_kinds(data_dict, ignore_self="flag")
    typed = inputs.search_words(data_dict)
    limit = inputs.number(data_dict, "limit", SUGGESTIONS)
    found = original_action(context, {**data_dict, "q": typed, "limit": limit})
    own = context.get("user") if data_dict.get("ignore_self") else None
    users = suggestions.users(typed, found, limit)
    return [user for user in users if not own or user["name"] != own]


@tk.chained_action
@tk.side_effect_free
def tag_autocomplete(original_action: Action, context: Context, data_dict: DataDict) -> list[str]:
    """Return names of tags that hold what was typed."""
    tk.check_access("tag_autocomplete", context, data_dict)
    data_dict = inputs.of_kinds(data_dict, **TAGS)
    found = _tags(context, data_dict)
    return original_action(context, data_dict) if found is None else [tag.name for tag in found[0]]


@tk.chained_action
@tk.side_effect_free
def tag_search(original_action: Action, context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return tags that hold every term, and how many there are."""
    tk.check_access("tag_search", context, data_dict)
    data_dict = inputs.of_kinds(data_dict, **TAGS)
    found = _tags(context, data_dict)
    if found is None:
        return original_action(context, data_dict)
    tags, count = found
    return {"count": count, "results": [tag.as_dict() for tag in tags]}


@tk.chained_action
@tk.side_effect_free
def tag_list(original_action: Action, context: Context, data_dict: DataDict) -> list[Any]:
    """Return all tags, or those that hold what was asked for, in Vietnamese order."""
    tk.check_access("tag_list", context, data_dict)
    data_dict = inputs.of_kinds(data_dict, **TAGS)
    found = _tags(context, data_dict)
    if found is None:
        listed = original_action(context, data_dict)
        if authz.auth_is_anon_user(context) and not data_dict.get("vocabulary_id"):
            # What only a private dataset or a draft is about is nobody else's business.
            told = suggestions.public_tags()
            listed = [tag for tag in listed if _tag_name(tag) in told]
    else:
        names = {tag.name for tag in found[0]}
        plain = {key: data_dict[key] for key in data_dict if key not in ("q", "query")}
        listed = [tag for tag in original_action(context, plain) if _tag_name(tag) in names]
    return sorted(listed, key=lambda tag: sort_key(_tag_name(tag)))


def _tag_name(tag: Any) -> str:
    return tag["name"] if isinstance(tag, dict) else tag


def _tags(context: Context, data_dict: DataDict) -> tuple[list[model.Tag], int] | None:
    """Return one page of the tags asked for and their number; None where CKAN is to answer."""
    terms = inputs.search_terms(data_dict)
    fields = data_dict.get("fields")
    if not fields:
        data_dict.pop("fields", None)
    elif not isinstance(fields, dict):
        raise tk.ValidationError({"fields": [tk._("Enter a list of names and values here.")]})
    if not terms or fields:
        return None
    vocabulary = None
    if data_dict.get("vocabulary_id"):
        vocabulary = model.Vocabulary.get(data_dict["vocabulary_id"])
        if vocabulary is None:
            return None
    found = suggestions.tags(terms, vocabulary, public=authz.auth_is_anon_user(context))
    start = inputs.number(data_dict, "offset", 0, inputs.LARGEST)
    rows = inputs.number(data_dict, "limit", inputs.LARGEST, inputs.LARGEST)
    return found[start : start + rows], len(found)


@tk.chained_action
@tk.side_effect_free
def organization_list(original_action: Action, context: Context, data_dict: DataDict) -> list[Any]:
    """Return organisations in Vietnamese order, over all pages; `q` folds diacritics."""
    tk.check_access("organization_list", context, data_dict)
    return _groups(original_action, context, inputs.of_kinds(data_dict, **LISTS), is_org=True)


@tk.chained_action
@tk.side_effect_free
def group_list(original_action: Action, context: Context, data_dict: DataDict) -> list[Any]:
    """Return groups in Vietnamese order, over all pages; `q` folds diacritics."""
    tk.check_access("group_list", context, data_dict)
    return _groups(original_action, context, inputs.of_kinds(data_dict, **LISTS), is_org=False)


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
