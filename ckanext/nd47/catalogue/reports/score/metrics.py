"""Measures one dataset: what the export says about it, so what another portal would measure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ckan import model

from ckanext.nd47.catalogue.reports.score.method import Metric, method
from ckanext.nd47.lib import config
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import dataset_reader, files

Links = Mapping[str, bool]
"""By id of a file, whether its address answered when it was last asked."""

NO_LINKS: Links = {}
"""Nothing is known about any address."""

ADDRESS = re.compile(r"(?:https?|ftp)://[^\s<>\"{}|\\^`]+")
PACKAGE, SERVICE = "goi-tai-ve", "dich-vu-chia-se"
"""Publication methods of a file to download, and of a service."""

NO_LICENCE = frozenset({"", "notspecified"})


@dataclass(frozen=True)
class Score:
    """What was measured.

    Attributes:
        met: codes of the metrics that give their points, in the order of the method.
        unmet: codes of those that do not.
        unknown: codes of those that were not measured.
    """

    met: tuple[str, ...]
    unmet: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def points(self) -> int:
        """The points."""
        return _sum(self.met)

    @property
    def measured(self) -> int:
        """The points of all metrics that were measured."""
        return _sum((*self.met, *self.unmet))


def measure(dataset: Mapping[str, Any], links: Links = NO_LINKS) -> Score:
    """Return the score of a dataset.

    Args:
        dataset: the dataset as the rules read it, with its `tags`.
        links: what is known about the addresses of files; without it those metrics are unknown.
    """
    results = _of_dataset(dataset) | _of_best_file(dataset, links)
    codes = method().metrics
    return Score(
        met=tuple(code for code in codes if results[code] is True),
        unmet=tuple(code for code in codes if results[code] is False),
        unknown=tuple(code for code in codes if results[code] is None),
    )


def _sum(codes: tuple[str, ...]) -> int:
    return sum(method().metrics[code].points for code in codes)


def _of_dataset(dataset: Mapping[str, Any]) -> dict[str, bool | None]:
    themes = dataset_reader.codes(dataset, "theme")
    resources = dataset_reader.resources(dataset)
    periods = dataset_reader.groups(dataset, "temporal_coverage")
    disclosure = dataset_reader.text(dataset, "access_rights")
    term = vocabulary.term("disclosure", disclosure)
    places = dataset_reader.groups(dataset, "spatial_coverage")
    return {
        # The export names the fields where there are no keywords, the area of the portal where
        # there is no place, and the period of all files where there is none of the dataset.
        "keyword": bool(dataset.get("tags") or themes),
        "theme": bool(themes),
        "spatial": bool(places or config.dcat_place()),
        "temporal": bool(
            periods or (resources and all(resource.get("period") for resource in resources))
        ),
        "dcat-ap": bool(
            str(dataset.get("title") or "").strip()
            and dataset_reader.text(dataset, "notes").strip()
            and all(map(_has_address, resources))
        ),
        "access-rights": bool(disclosure),
        "known-access-rights": bool(term and term.mapping),
        "contact": bool(dataset_reader.contacts(dataset)),
        "publisher": bool(dataset.get("owner_org")),
        "issued": bool(dataset_reader.text(dataset, "issued") or dataset.get("metadata_created")),
        "modified": bool(
            dataset_reader.text(dataset, "modified") or dataset.get("metadata_modified")
        ),
    }


def _of_best_file(dataset: Mapping[str, Any], links: Links) -> dict[str, bool | None]:
    """Return what is measured of the file that gives the most points, of several the first."""
    metrics = [metric for metric in method().metrics.values() if metric.of == "file"]
    measured = [
        _of_file(dataset, resource, links) for resource in dataset_reader.resources(dataset)
    ]
    if not measured:
        return {metric.code: False for metric in metrics}
    return max(measured, key=lambda results: _points(metrics, results))


def _points(metrics: list[Metric], results: Mapping[str, bool | None]) -> int:
    return sum(metric.points for metric in metrics if results[metric.code])


def _of_file(
    dataset: Mapping[str, Any], resource: Mapping[str, Any], links: Links
) -> dict[str, bool | None]:
    name = str(resource.get("format") or "").strip()
    media_type = str(resource.get("mimetype") or "").strip()
    term = files.recognise_format(name) or files.recognise_format(media_type)
    answers = links.get(str(resource.get("id")))
    has_address, is_download = _has_address(resource), _is_download(resource)
    licence = str(resource.get("license") or dataset.get("license_id") or "").strip()
    return {
        # Where there is no address, there is nothing that could answer.
        "access-answers": answers if has_address else False,
        "download": is_download,
        "download-answers": answers if is_download else False,
        "format": bool(name or term),
        "media-type": bool(media_type or (term and term["media_type"])),
        "known-format": bool(term and term.mapping),
        "open-format": bool(term and term["open"]),
        "machine-readable": bool(term and term["machine_readable"]),
        "licence": licence not in NO_LICENCE,
        "known-licence": _is_known_licence(licence),
        "rights": bool(
            dataset_reader.text(dataset, "attribution")
            or dataset_reader.text(dataset, "usage_regulation")
            or config.attribution_template().strip()
        ),
        "byte-size": _has_size(resource.get("size")),
    }


def openness(resource: Mapping[str, Any]) -> tuple[bool, bool]:
    """Return whether a file is in an open format, and whether machines can read it."""
    term = files.recognise_format(str(resource.get("format") or "").strip())
    return bool(term and term["open"]), bool(term and term["machine_readable"])


def is_service(resource: Mapping[str, Any]) -> bool:
    """Return whether a file of a dataset is offered by an API."""
    term = files.recognise_format(str(resource.get("format") or "").strip())
    return bool(
        resource.get("publication_method") == SERVICE
        or resource.get("datastore_active")
        or (term and term["kind"] == "service")
    )


def _is_download(resource: Mapping[str, Any]) -> bool:
    is_package = resource.get("publication_method") == PACKAGE
    own = resource.get("download_url")
    return bool(
        (own and ADDRESS.fullmatch(str(own).strip()))
        or ((is_package or resource.get("url_type") == "upload") and _has_address(resource))
    )


def _has_address(resource: Mapping[str, Any]) -> bool:
    # Of an uploaded file the database has the name alone.
    address = str(resource.get("url") or "").strip()
    is_upload = resource.get("url_type") == "upload"
    return bool(address) and (is_upload or ADDRESS.fullmatch(address) is not None)


def _is_known_licence(licence: str) -> bool:
    known = model.Package.get_license_register().get(licence)
    return licence not in NO_LICENCE and known is not None and bool(known.url)


def _has_size(value: Any) -> bool:
    try:
        return int(value) > 0
    except (TypeError, ValueError):
        return False
