"""Parameters of the actions on datasets that begin with their file."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan.types import DataDict

from ckanext.nd47.lib import inputs


def upload(data_dict: DataDict) -> FileStorage:
    """Return the uploaded file.

    Raises:
        ckan.plugins.toolkit.ValidationError: there is none.
    """
    value: Any = data_dict.get("upload")
    if not isinstance(value, FileStorage) or not value.filename:
        raise tk.ValidationError({"upload": [tk._("Choose a file.")]})
    if not inputs.storable(value.filename):
        raise tk.ValidationError({"upload": [tk._("The name of the file cannot be stored.")]})
    return value


def agency(data_dict: DataDict) -> str:
    """Return the id or name of the agency, empty for none.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is no text.
    """
    return str(inputs.of_kinds(data_dict, owner_org="text").get("owner_org") or "").strip()
