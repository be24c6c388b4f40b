"""Parameters of the actions on checks of files."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import DataDict

from ckanext.nd47.lib import inputs


def reference(data_dict: DataDict) -> str:
    """Return the id of a resource, or the id or name of a dataset.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is missing or no text.
    """
    return tk.get_or_bust(inputs.of_kinds(data_dict, id="text"), "id")


def ids(data_dict: DataDict) -> list[str]:
    """Return the ids of datasets.

    Raises:
        ckan.plugins.toolkit.ValidationError: they are missing or no list.
    """
    return tk.get_or_bust(inputs.of_kinds(data_dict, ids="list"), "ids")
