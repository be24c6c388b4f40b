"""What the plugins of the suite tell CKAN about their translations."""

from __future__ import annotations

import ckan.plugins as p

from ckanext.nd47.lib.catalogues import MERGED_DOMAIN, OWN_DOMAIN, locales
from ckanext.nd47.lib.data import data_path

L10N_PLUGIN = "nd47_l10n"


class SuiteTranslation:
    """`ITranslation` for any plugin of the suite.

    Each plugin alone shows the suite's own messages. With `nd47_l10n` on, all of them name the
    merged catalogue, which holds the own messages too: CKAN's JavaScript builder keeps one domain
    for each directory, so two domains in `i18n/` would lose one of them.
    """

    def i18n_directory(self) -> str:
        """Return the folder of the catalogues."""
        return str(data_path("i18n"))

    def i18n_locales(self) -> list[str]:
        """Return the locales that the suite translates to."""
        return locales(data_path("i18n"))

    def i18n_domain(self) -> str:
        """Return the gettext domain: the merged one when the overrides are on."""
        return MERGED_DOMAIN if p.plugin_loaded(L10N_PLUGIN) else OWN_DOMAIN
