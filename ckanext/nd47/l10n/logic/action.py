"""Chained actions for searches, suggestions and lists in Vietnamese."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, cast

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.lib.search import SearchError, SearchQueryError
from ckan.types import Context, DataDict

from ckanext.nd47.l10n import listing
from ckanext.nd47.l10n.search import completion, corrections, query, suggestions
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.language.text import sort_key

__all__ = [
    "group_autocomplete",
    "group_list",
    "nd47_search_autocomplete",
    "nd47_search_corrections",
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

MAX_SUGGESTIONS = 20
DEFAULT_COMPLETIONS = 5

UNKNOWN_SORT = ('Invalid "sort" parameter', "sort param field can't be found")
"""Error messages of CKAN and Solr for an unknown field in `sort`."""

LIST_PARAMETERS = {
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
TAG_PARAMETERS = {
    "vocabulary_id": "text",
    "offset": "number",
    "limit": "number",
    "all_fields": "flag",
}


@tk.chained_action
@tk.side_effect_free
def package_search(
    original_action: Action, context: Context, data_dict: DataDict
) -> dict[str, Any]:
    """Search datasets; a query in Lucene's syntax that Solr refuses is searched as text."""
    data_dict = inputs.of_kinds(data_dict, rows="number", start="number")
    try:
        return original_action(context, data_dict)
    except SearchError as error:
        if any(reason in str(error) for reason in UNKNOWN_SORT):
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
    """Return datasets whose title or name contains the query, with or without diacritics."""
    tk.check_access("package_autocomplete", context, data_dict)
    words = inputs.search_words(data_dict)
    limit = inputs.number(data_dict, "limit", 10)
    if not words:
        return original_action(context, {**data_dict, "q": "", "limit": limit})
    result = tk.get_action("package_search")(
        cast(Context, {key: context[key] for key in context if key != "schema"}),
        {
            "q": suggestions.dataset_query(words),
            "fl": ["name", "title"],
            "rows": limit,
            "facet": False,
            "include_private": True,
        },
    )
    return [_as_suggestion(dataset, words) for dataset in result["results"]]


def _as_suggestion(dataset: dict[str, Any], words: str) -> dict[str, Any]:
    name, title = dataset["name"], dataset.get("title") or dataset["name"]
    name_matches = words.lower() in name
    return {
        "name": name,
        "title": title,
        "match_field": "name" if name_matches else "title",
        "match_displayed": name if name_matches else f"{title} ({name})",
    }


@tk.side_effect_free
def nd47_search_autocomplete(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return suggestions for an incomplete query, for a search box.

    :param q: what has been typed, in any spelling; at most ten words of 200 characters are used
    :type q: string
    :param limit: maximum number of suggestions of a kind (optional, default 5, at most 10)
    :type limit: int

    :returns: `datasets`, `agencies`, `themes` and `keywords`, each a list of `title` and `url`
    :rtype: dictionary
    """
    tk.check_access("package_search", context, data_dict)
    limit = inputs.number(data_dict, "limit", DEFAULT_COMPLETIONS, completion.MAX_ITEMS)
    return completion.suggest(context, _typed(data_dict), limit)


@tk.side_effect_free
def nd47_search_corrections(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Return other words for a query that finds little, for example because of a typing error.

    The words come from datasets that the user may see, and find at least one of them.

    :param q: the query, at most ten words of 200 characters
    :type q: string

    :returns: `text` and `count`, the number of datasets that it finds, likeliest first
    :rtype: list of dictionaries
    """
    tk.check_access("package_search", context, data_dict)
    search = tk.get_action("package_search")

    def as_user(params: dict[str, Any]) -> dict[str, Any]:
        return search(completion.of_user(context), params)

    return [asdict(found) for found in corrections.suggestions(as_user, _typed(data_dict))]


def _typed(data_dict: DataDict) -> str:
    """Return the words of a query, empty without one."""
    return inputs.search_words(data_dict) if data_dict.get("q") else ""


@tk.chained_action
@tk.side_effect_free
def organization_autocomplete(
    original_action: Action, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Return organisations whose title or name contains the query."""
    tk.check_access("organization_autocomplete", context, data_dict)
    limit = inputs.number(data_dict, "limit", MAX_SUGGESTIONS)
    return suggestions.groups(inputs.search_words(data_dict), is_org=True, limit=limit)


@tk.chained_action
@tk.side_effect_free
def group_autocomplete(
    original_action: Action, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Return groups whose title or name contains the query."""
    tk.check_access("group_autocomplete", context, data_dict)
    limit = inputs.number(data_dict, "limit", MAX_SUGGESTIONS)
    return suggestions.groups(inputs.search_words(data_dict), is_org=False, limit=limit)


@tk.chained_action
@tk.side_effect_free
def user_autocomplete(
    original_action: Action, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Return users that CKAN finds, and users whose full name contains the query."""
    tk.check_access("user_autocomplete", context, data_dict)
    data_dict = inputs.of_kinds(data_dict, ignore_self="flag")
    words = inputs.search_words(data_dict)
    limit = inputs.number(data_dict, "limit", MAX_SUGGESTIONS)
    users = original_action(context, {**data_dict, "q": words, "limit": limit})
    users = suggestions.with_matching_users(users, words, limit)
    ignored = context.get("user") if data_dict.get("ignore_self") else None
    return [user for user in users if not ignored or user["name"] != ignored]


@tk.chained_action
@tk.side_effect_free
def tag_autocomplete(original_action: Action, context: Context, data_dict: DataDict) -> list[str]:
    """Return names of tags that contain the query."""
    tk.check_access("tag_autocomplete", context, data_dict)
    data_dict = inputs.of_kinds(data_dict, **TAG_PARAMETERS)
    matches = _matching_tags(context, data_dict)
    if matches is None:
        return original_action(context, data_dict)
    return [tag.name for tag in matches[0]]


@tk.chained_action
@tk.side_effect_free
def tag_search(original_action: Action, context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return tags that contain all terms, and their number."""
    tk.check_access("tag_search", context, data_dict)
    data_dict = inputs.of_kinds(data_dict, **TAG_PARAMETERS)
    matches = _matching_tags(context, data_dict)
    if matches is None:
        return original_action(context, data_dict)
    tags, count = matches
    return {"count": count, "results": [tag.as_dict() for tag in tags]}


@tk.chained_action
@tk.side_effect_free
def tag_list(original_action: Action, context: Context, data_dict: DataDict) -> list[Any]:
    """Return all tags, or those that contain the query, in Vietnamese order."""
    tk.check_access("tag_list", context, data_dict)
    data_dict = inputs.of_kinds(data_dict, **TAG_PARAMETERS)
    matches = _matching_tags(context, data_dict)
    if matches is None:
        names = None
        if authz.auth_is_anon_user(context) and not data_dict.get("vocabulary_id"):
            # Tags of private datasets and drafts are not public.
            names = suggestions.public_tags()
        tags = original_action(context, data_dict)
    else:
        names = {tag.name for tag in matches[0]}
        without_query = {key: data_dict[key] for key in data_dict if key not in ("q", "query")}
        tags = original_action(context, without_query)
    tags = [tag for tag in tags if names is None or _tag_name(tag) in names]
    return sorted(tags, key=lambda tag: sort_key(_tag_name(tag)))


def _tag_name(tag: Any) -> str:
    return tag["name"] if isinstance(tag, dict) else tag


def _matching_tags(context: Context, data_dict: DataDict) -> tuple[list[model.Tag], int] | None:
    """Return a page of matching tags and their number, None if the request is left to CKAN."""
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
    tags = suggestions.tags(terms, vocabulary, public=authz.auth_is_anon_user(context))
    offset = inputs.number(data_dict, "offset", 0, inputs.LARGEST)
    limit = inputs.number(data_dict, "limit", inputs.LARGEST, inputs.LARGEST)
    return tags[offset : offset + limit], len(tags)


@tk.chained_action
@tk.side_effect_free
def organization_list(original_action: Action, context: Context, data_dict: DataDict) -> list[Any]:
    """Return organisations in Vietnamese order; `q` ignores diacritics."""
    tk.check_access("organization_list", context, data_dict)
    return _list_groups(
        original_action, context, inputs.of_kinds(data_dict, **LIST_PARAMETERS), is_org=True
    )


@tk.chained_action
@tk.side_effect_free
def group_list(original_action: Action, context: Context, data_dict: DataDict) -> list[Any]:
    """Return groups in Vietnamese order; `q` ignores diacritics."""
    tk.check_access("group_list", context, data_dict)
    return _list_groups(
        original_action, context, inputs.of_kinds(data_dict, **LIST_PARAMETERS), is_org=False
    )


def _list_groups(
    original_action: Action, context: Context, data_dict: DataDict, *, is_org: bool
) -> list[Any]:
    request = listing.parse_request(data_dict)
    if request is None:
        return original_action(context, data_dict)
    groups = listing.matching_groups(data_dict, request, is_org=is_org)
    is_sorted_by_title = request.reverse is not None
    if is_sorted_by_title:
        groups = groups[request.offset : request.offset + request.limit]
        if not tk.asbool(data_dict.get("all_fields")):
            return [pair[0] if context.get("api_version") == 2 else pair[1] for pair in groups]  # noqa: PLR2004 - version 2 of CKAN's API returns ids
    if not groups:
        return []
    names = [name for _id, name in groups]
    restricted = {**data_dict, "q": "", listing.NAMES_PARAMETER[is_org]: names}
    if not is_sorted_by_title:
        return original_action(context, restricted)
    # The names are those of the page, so CKAN must not apply the offset again.
    page = {**restricted, "offset": 0, "limit": len(names), "sort": "title asc"}
    return listing.in_order(original_action(context, page), names)
