"""Parameters of the actions on checks of files."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import DataDict


def reference(data_dict: DataDict) -> str:
    """Return the id of a resource, or the id or name of a dataset.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is missing or no text.
    """
    reference = data_dict.get("id")
    if not isinstance(reference, str) or not reference:
        raise tk.ValidationError({"id": [tk._("Missing value")]})
    return reference
