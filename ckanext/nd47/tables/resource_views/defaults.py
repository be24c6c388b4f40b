"""Which views a resource gets by itself, and which of them comes first."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_babel import force_locale

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import datapreview
from ckan.model import core
from ckan.types import Context

MAP = "nd47_map_view"


def names() -> list[str]:
    """Return the views that resources get by themselves, the best first, as far as loaded."""
    return [
        name for name in tk.config["ckan.views.default_views"] if datapreview.get_view_plugin(name)
    ]


def complete(
    context: Context, resource: dict[str, Any], dataset: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """Add the map to a resource whose table was loaded, if the table has places.

    CKAN makes either the views that need a table or the others; the map is both.
    """
    if MAP not in names():
        return []
    return datapreview.add_views_to_resource(context, resource, dataset, [MAP])


def arrange(resource_id: str, created: list[str]) -> None:
    """Put new views of a resource before those that come later in the option.

    What somebody has arranged otherwise stays.

    Args:
        resource_id: the resource.
        created: ids of the new views.
    """
    order = {name: place for place, name in enumerate(names())}

    def rank(view: model.ResourceView) -> int:
        return order.get(view.view_type, len(order))

    views = list(
        model.Session.scalars(
            sa.select(model.ResourceView)
            .where(model.ResourceView.resource_id == resource_id)
            .order_by(model.ResourceView.order)
        )
    )
    arranged = [view for view in views if view.id not in created]
    for view in sorted((view for view in views if view.id in created), key=rank):
        later = (place for place, other in enumerate(arranged) if rank(other) > rank(view))
        arranged.insert(next(later, len(arranged)), view)
    for place, view in enumerate(arranged, start=1):
        view.order = place
    model.Session.commit()


def resources() -> Iterator[tuple[str, str]]:
    """Yield the ids of all resources that may lack views, with those of their datasets."""
    query = (
        sa.select(model.Resource.id, model.Resource.package_id)
        .join(model.Package, model.Package.id == model.Resource.package_id)
        .where(model.Resource.state == core.State.ACTIVE, model.Package.state == core.State.ACTIVE)
        .order_by(model.Resource.package_id, model.Resource.position)
    )
    for resource_id, dataset_id in model.Session.execute(query).tuples():
        yield resource_id, str(dataset_id)


def missing(resource: dict[str, Any], dataset: dict[str, Any], existing: set[str]) -> list[str]:
    """Return the views that a resource could have but lacks."""
    data_dict = {"resource": resource, "package": dataset}
    lacking = []
    for name in names():
        plugin: p.IResourceView | None = datapreview.get_view_plugin(name)
        if plugin and name not in existing and plugin.can_view(data_dict):
            lacking.append(name)
    return lacking


def add(
    context: Context, resource: dict[str, Any], dataset: dict[str, Any], wanted: list[str]
) -> None:
    """Add views to a resource and put them in their place."""
    with force_locale(tk.config["ckan.locale_default"]):
        made = datapreview.add_views_to_resource(context, resource, dataset, wanted)
    if made:
        arrange(resource["id"], [view["id"] for view in made])


class Best(NamedTuple):
    """A view and its resource, as templates need them."""

    view: model.ResourceView
    resource: dict[str, Any]


def best(dataset: dict[str, Any], own: Collection[str]) -> Best | None:
    """Return the best view of the files of a dataset, with one statement; None if there is none.

    Args:
        dataset: as `package_show` returns it.
        own: types of views that can stand alone.
    """
    places = {resource["id"]: place for place, resource in enumerate(dataset.get("resources", []))}
    order = [name for name in names() if name in own]
    if not places or not order:
        return None
    views = model.Session.scalars(
        sa.select(model.ResourceView).where(
            model.ResourceView.resource_id.in_(places), model.ResourceView.view_type.in_(order)
        )
    )
    best_view = min(
        views,
        key=lambda view: (order.index(view.view_type), places[view.resource_id]),
        default=None,
    )
    return (
        Best(best_view, dataset["resources"][places[best_view.resource_id]]) if best_view else None
    )
