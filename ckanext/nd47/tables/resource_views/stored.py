"""What an editor has stored with a view, and the validators of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypedDict

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey, Validator

from ckanext.nd47.lib import inputs
from ckanext.nd47.tables.resource_views import columns
from ckanext.nd47.tables.resource_views.columns import Column


def column(is_fitting: Callable[[Column], bool]) -> list[Validator]:
    """Return the validators of a field with the name of a column.

    Args:
        is_fitting: whether a column may be chosen.
    """

    def of_resource(
        key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
    ) -> None:
        name = inputs.text_of(data[key], key, errors)
        resource = _editable(data, context)
        if resource is None:
            # Who may not edit the file learns nothing of its columns: the action refuses.
            return
        if not any(
            table_column.name == name and is_fitting(table_column)
            for table_column in columns.of_resource(resource)
        ):
            message = tk._("The table has no column “{column}” that can be shown here.")
            inputs.refuse(key, errors, message.format(column=name[:100]))

    ignore_empty: Any = tk.get_validator("ignore_empty")
    return [ignore_empty, of_resource]


class FormField(TypedDict):
    """A field of the form of a view; `options` have `value` and `text`, as CKAN's macro wants."""

    name: str
    label: str
    options: list[dict[str, str]]


def form_field(name: str, label: str, empty: str, options: Mapping[str, str]) -> FormField:
    """Return a field of the form.

    Args:
        name: its name.
        label: its name for people.
        empty: words for no choice.
        options: words by value.
    """
    listed = [{"value": value, "text": words} for value, words in options.items()]
    return FormField(name=name, label=label, options=[{"value": "", "text": empty}, *listed])


def one_of(values: list[str]) -> list[Validator]:
    """Return the validators of a field with one of some values."""
    one_of_values: Any = tk.get_validator("one_of")
    ignore_empty: Any = tk.get_validator("ignore_empty")
    return [ignore_empty, one_of_values(values)]


def text(view: Any, name: str) -> str:
    """Return a stored value of a view as CKAN gives it to plugins, empty without one."""
    value = view.get(name) if isinstance(view, dict) else None
    return value if isinstance(value, str) else ""


def _editable(data: FlattenDataDict, context: Context) -> dict[str, Any] | None:
    """Return the resource of the view that is saved, None for who may not edit it."""
    resource_id = data.get(("resource_id",))
    if not isinstance(resource_id, str) or not resource_id:
        view = model.ResourceView.get(str(data.get(("id",)) or ""))
        resource_id = view.resource_id if view else ""
    own = tk.fresh_context(context)
    try:
        tk.check_access("resource_update", own, {"id": resource_id})
        return tk.get_action("resource_show")(tk.fresh_context(context), {"id": resource_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return None
