"""What the pages of visitors load: a small stylesheet and script in place of CKAN's bundles.

CKAN's style (Bootstrap, Font Awesome) and scripts (jQuery, Bootstrap, htmx, moment, select2) serve
forms and administration; a page to read needs little of them. While a visitor's page is made, these
bundles count as loaded already. If something else on the page brings a script, it may rely on
CKAN's, so then they are loaded after all.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.lib import webassets_tools

from ckanext.nd47.lib import config

STYLES = frozenset({"css/main", "theming/midnight-blue-portable/styles"})
"""The stylesheets of CKAN's base themes. A portal with another one keeps it."""

SCRIPTS = (
    "base/main",
    "base/ckan",
    "theming/midnight-blue-portable/scripts",
)
"""What CKAN's base themes load on each page."""

UNUSED = frozenset(
    {
        "base/view-filters",
        "ckanext-activity/activity",
        "ckanext_datastore/datastore",
        "tracking/tracking",
    }
)
"""Scripts that a visitor has no use for, or has ours in place of."""

OURS = frozenset(
    {
        "nd47/portal-css",
        "nd47/dataset-css",
        "nd47/fields-css",
        "nd47_l10n/search-css",
        "nd47_portal/front-css",
    }
)
"""Stylesheets that the one of visitors contains: below the text they would move it once loaded."""

STANDALONE = "standalone"
"""Key in `extra` of webassets.yml: the script needs none of CKAN's."""


def light() -> bool:
    """Return whether the page loads the small style and script."""
    return (
        config.portal_light()
        and tk.current_user.is_anonymous
        and not tk.h.is_rtl_language()
        and tk.g.theme in STYLES
    )


def begin() -> None:
    """Load the stylesheet of visitors, and count CKAN's bundles as loaded; in the page's head."""
    webassets_tools.include_asset("nd47_portal/visitors-css")
    _assets()["included"] |= _left_out() | OURS


def finish() -> None:
    """Load the script of visitors, and CKAN's scripts if a script on the page may need them.

    It is called when all templates of the page have named their assets.
    """
    assets = _assets()
    left_out = _left_out()
    if any(_needs_more(name) for name in assets["included"] - left_out):
        named = list(assets["script"])
        assets["script"].clear()
        assets["included"] -= left_out
        for name in (*SCRIPTS, *UNUSED):
            if webassets_tools.is_registered(name):
                webassets_tools.include_asset(name)
        assets["script"].extend(named)
        return
    webassets_tools.include_asset("nd47_portal/visitors-js")
    if p.plugin_loaded("tracking"):
        webassets_tools.include_asset("nd47_portal/tracking-js")


def _assets() -> webassets_tools.AssetCollection:
    """Return the assets of the request; CKAN makes the collection with the first of them."""
    return tk.g._webassets  # noqa: SLF001 - CKAN offers no other way


def _left_out() -> frozenset[str]:
    """Return CKAN's bundles, with what they load before themselves."""
    return _with_preloads(webassets_tools.env)


@lru_cache(maxsize=2)
def _with_preloads(_environment: Any) -> frozenset[str]:
    # Bundles are registered at startup, when CKAN makes the environment.
    names: set[str] = set()
    waiting = [*STYLES, *SCRIPTS, *UNUSED]
    while waiting:
        name = waiting.pop()
        if name not in names and webassets_tools.is_registered(name):
            names.add(name)
            waiting += _bundle(name).extra.get("preload", [])
    return frozenset(names)


def _needs_more(name: str) -> bool:
    """Return whether an asset is a script that may need CKAN's."""
    if not webassets_tools.is_registered(name) or name in OURS:
        return False
    bundle = _bundle(name)
    return bundle.output.endswith(".js") and not bundle.extra.get(STANDALONE, False)


def _bundle(name: str) -> Any:
    return webassets_tools.env[name]
