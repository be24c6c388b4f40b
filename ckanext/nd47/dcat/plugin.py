"""Plugin `nd47_dcat`: the DCAT profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.dcat.interfaces import IDCATURIGenerator

from ckanext.nd47 import config
from ckanext.nd47.dcat import settings
from ckanext.nd47.dcat.site import dataset_iri

if TYPE_CHECKING:
    from ckan.common import CKANConfig
    from ckan.config.declaration import Declaration, Key


class DcatPlugin(p.SingletonPlugin):
    """DCAT-AP 3 with the fields of the nd47 schema."""

    p.implements(p.IConfigDeclaration)
    p.implements(p.IConfigurer)
    p.implements(IDCATURIGenerator, inherit=True)

    # IConfigDeclaration

    def declare_config_options(self, declaration: Declaration, key: Key) -> None:
        config.declare(declaration, key)
        settings.fill_in(tk.config)

    # IConfigurer

    def update_config(self, config: CKANConfig) -> None:
        settings.require_plugins()

    # IDCATURIGenerator

    def dataset_uri(self, dataset_dict: dict[str, Any], default_uri: str) -> str | None:
        return dataset_iri(dataset_dict, default_uri)
