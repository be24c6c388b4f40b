"""Shows which files of a dataset were added, replaced or removed, and when.

CKAN's activity stream shows that a dataset was edited; users of the data need to know whether the
data changed. This is read from the versions in the activity stream or, without them, from the dates
of each file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from feedgen.feed import FeedGenerator

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import citation, dataset_reader
from ckanext.nd47.metadata.pages import activity

MOST_VERSIONS = 100
"""Maximum number of versions to compare."""

DATA_OF_FILE = ("url", "checksum", "last_modified")
"""Fields of a resource, at least one of which changes when the file is replaced."""

Kind = Literal["added", "replaced", "removed"]


class FileChange(NamedTuple):
    """A change of one file.

    Attributes:
        moment: time of the change, with its time zone.
        kind: kind of the change.
        resource_id: id of the resource.
        name: name of the file at that time.
        is_present: whether the dataset still has the file.
    """

    moment: dt.datetime
    kind: Kind
    resource_id: str
    name: str
    is_present: bool

    @property
    def day(self) -> str:
        """Day of the change in Viet Nam, as `YYYY-MM-DD`."""
        return values.day_of(self.moment)


def changes(dataset: Mapping[str, Any]) -> list[FileChange]:
    """Return the changes of the files of a dataset, most recent first.

    Only versions that were public when they were saved count.

    Args:
        dataset: the dataset as `package_show` returns it to the user.
    """
    present = {resource["id"]: resource for resource in dataset.get("resources") or []}
    versions = _public_versions(dataset["id"])
    compared = list(_compare(versions, set(present)))
    compared_ids = {change.resource_id for change in compared}
    # Files older than the activity stream, and all files of portals without one
    undocumented = [resource for key, resource in present.items() if key not in compared_ids]
    return sorted(
        [*compared, *(change for resource in undocumented for change in _by_own_dates(resource))],
        key=lambda change: change.moment,
        reverse=True,
    )


def feed(dataset: Mapping[str, Any], address: str) -> bytes:
    """Return the changes as an Atom feed in the language of the request.

    Args:
        dataset: the dataset as `package_show` returns it to the user.
        address: address of the feed.
    """
    page = citation.page_address(dataset)
    title = _plain(dataset_reader.text(dataset, "title") or dataset["name"])
    provider = (dataset.get("organization") or {}).get("title") or tk.config["ckan.site_title"]
    documented = changes(dataset)
    generator = FeedGenerator()
    generator.id(address)
    generator.title(tk._("Changes of the data: {title}").format(title=title))
    generator.author({"name": _plain(provider)})
    generator.language(http.language())
    generator.link(href=page, rel="alternate")
    generator.link(href=address, rel="self")
    created = _moment(dataset.get("metadata_created"))
    latest = documented[0].moment if documented else created
    if latest:
        generator.updated(latest)
    for change in documented:
        entry = generator.add_entry(order="append")
        entry.id(f"{page}#{change.resource_id}-{change.moment.isoformat()}")
        entry.title(f"{kind_label(change.kind)}: {_plain(change.name)}")
        entry.updated(change.moment)
        entry.link(href=f"{page}/resource/{change.resource_id}" if change.is_present else page)
    return generator.atom_str(pretty=True)


def kind_label(kind: Kind) -> str:
    """Return the name of a kind of change, in the language of the request."""
    return {
        "added": tk._("File added"),
        "replaced": tk._("File replaced"),
        "removed": tk._("File removed"),
    }[kind]


def _public_versions(dataset_id: str) -> list[tuple[dt.datetime, dict[str, Any]]]:
    """Return time and resources by id of the stored public versions, oldest first."""
    versions: list[tuple[dt.datetime, dict[str, Any]]] = []
    for moment, stored in activity.versions(dataset_id, MOST_VERSIONS):
        if stored.get("state") == model.State.ACTIVE and not stored.get("private"):
            resources = {row["id"]: row for row in stored.get("resources") or [] if row.get("id")}
            versions.append((moment, resources))
    return versions[::-1]


def _compare(
    versions: list[tuple[dt.datetime, dict[str, Any]]], present: set[str]
) -> Iterator[FileChange]:
    previous: dict[str, Any] = {}
    is_cut_off = len(versions) >= MOST_VERSIONS
    for position, (moment, resources) in enumerate(versions):
        if position or not is_cut_off:
            for key, resource in resources.items():
                before = previous.get(key)
                if before is None:
                    yield FileChange(moment, "added", key, _name(resource), key in present)
                elif any(before.get(field) != resource.get(field) for field in DATA_OF_FILE):
                    yield FileChange(moment, "replaced", key, _name(resource), key in present)
            for key in previous.keys() - resources.keys():
                yield FileChange(moment, "removed", key, _name(previous[key]), key in present)
        previous = resources


def _by_own_dates(resource: Mapping[str, Any]) -> Iterator[FileChange]:
    created, modified = _moment(resource.get("created")), _moment(resource.get("last_modified"))
    if created:
        yield FileChange(created, "added", resource["id"], _name(resource), is_present=True)
    if modified and created and modified - created > dt.timedelta(minutes=1):
        yield FileChange(modified, "replaced", resource["id"], _name(resource), is_present=True)


def _moment(stored: Any) -> dt.datetime | None:
    """Return a timestamp of CKAN, None for any other value."""
    try:
        return values.timestamp(str(stored))
    except ValueError:
        return None


def _name(resource: Mapping[str, Any]) -> str:
    return tk.h.resource_display_name(dict(resource))


def _plain(text: str) -> str:
    """Return a text without the characters that XML does not allow."""
    return values.FORBIDDEN.sub("", text)
