"""Options and plugins that leave a portal more open than that of a state agency should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator

OPEN_WHEN_TRUE = (
    "ckan.auth.anon_create_dataset",
    "ckan.auth.create_unowned_dataset",
    "ckan.auth.create_user_via_api",
    "ckan.auth.create_user_via_web",
    "ckan.auth.user_create_groups",
    "ckan.auth.user_create_organizations",
    "ckan.auth.public_user_details",
)
"""Options of CKAN that let in, or show, more people than a state agency's portal should."""

OPEN_WHEN_FALSE = ("SESSION_COOKIE_SECURE", "REMEMBER_COOKIE_SECURE")
"""The same, on a portal that is reached by https."""

OPEN_PLUGINS = ("resource_proxy",)
"""Plugins that fetch for anybody what an editor names, from within the portal's own network."""


def options(is_true: Callable[[str], bool], site_url: str) -> Iterator[tuple[str, bool]]:
    """Yield the options that are unsafe, with the value that they have.

    Args:
        is_true: says whether an option is switched on.
        site_url: address of the portal.
    """
    yield from ((name, True) for name in OPEN_WHEN_TRUE if is_true(name))
    if site_url.startswith("https:"):
        yield from ((name, False) for name in OPEN_WHEN_FALSE if not is_true(name))


def plugins(has: Callable[[str], bool]) -> list[str]:
    """Return the plugins that are unsafe.

    Args:
        has: says whether the portal has a plugin.
    """
    return [name for name in OPEN_PLUGINS if has(name)]
