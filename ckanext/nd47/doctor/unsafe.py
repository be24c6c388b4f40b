"""Options and plugins that make a portal less secure than required of a state agency."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ckanext.nd47.lib import config

OPEN_WHEN_TRUE = (
    "ckan.auth.anon_create_dataset",
    "ckan.auth.create_unowned_dataset",
    "ckan.auth.create_user_via_api",
    "ckan.auth.create_user_via_web",
    "ckan.auth.user_create_groups",
    "ckan.auth.user_create_organizations",
    config.PUBLIC_USER_DETAILS,
)
"""Options of CKAN that give access to, or show, more than a state agency's portal should."""

OPEN_WHEN_FALSE = ("SESSION_COOKIE_SECURE", "REMEMBER_COOKIE_SECURE")
"""The same for a portal with https."""

OPEN_PLUGINS = ("resource_proxy",)
"""Plugins that fetch any address that an editor enters, from inside the portal's network."""


def options(is_true: Callable[[str], bool], site_url: str) -> Iterator[tuple[str, bool]]:
    """Yield the unsafe options with their values.

    Args:
        is_true: returns whether an option is enabled.
        site_url: address of the portal.
    """
    yield from ((name, True) for name in OPEN_WHEN_TRUE if is_true(name))
    if site_url.startswith("https:"):
        yield from ((name, False) for name in OPEN_WHEN_FALSE if not is_true(name))


def plugins(has: Callable[[str], bool]) -> list[str]:
    """Return the unsafe plugins.

    Args:
        has: returns whether the portal has a plugin.
    """
    return [name for name in OPEN_PLUGINS if has(name)]
