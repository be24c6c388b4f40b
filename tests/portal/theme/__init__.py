"""The theme of a province, small but complete: it stands in the place of `nd47_portal`."""

from __future__ import annotations

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig

NAME = "hai_son_theme"
ENTRY_POINTS = f"[ckan.plugins]\n{NAME} = {__name__}:HaiSonTheme\n"


class HaiSonTheme(p.SingletonPlugin):
    """Header, footer and home page of Hải Sơn province."""

    p.implements(p.IConfigurer)

    # IConfigurer

    def update_config(self, config: CKANConfig) -> None:
        """Register the templates."""
        tk.add_template_directory(config, "templates")
