"""Reads what the other portal says that it has: a list as CSV or XLSX, or a feed in DCAT."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import pyoxigraph as ox

import ckan.plugins.toolkit as tk

from ckanext.nd47.catalogue.editions.handover.model import ACCEPTED, REFUSED, SENT
from ckanext.nd47.lib.files.spreadsheets import headings, reading
from ckanext.nd47.lib.files.spreadsheets.headings import Table
from ckanext.nd47.lib.files.spreadsheets.sheet import LARGEST_FILE, SheetError
from ckanext.nd47.lib.language import text

HEADINGS: Mapping[str, str] = {
    "identifier": "Mã định danh",
    "title": "Tên bộ dữ liệu",
    "address": "Địa chỉ",
    "state": "Kết quả",
    "reason": "Lý do",
}
"""Headings of a list, by field."""

ALSO: Mapping[str, tuple[str, ...]] = {
    "identifier": ("Mã tập dữ liệu", "Mã bộ dữ liệu", "Mã dữ liệu", "Mã", "identifier", "id"),
    "title": ("Tên", "Tên tập dữ liệu", "Tên dữ liệu", "Bộ dữ liệu", "title"),
    "address": ("Đường dẫn", "Liên kết", "URL", "Địa chỉ trên Cổng dữ liệu quốc gia"),
    "state": ("Trạng thái", "Tình trạng", "Kết quả tiếp nhận", "status"),
    "reason": ("Lý do từ chối", "Lý do trả lại", "Ghi chú lỗi", "reason"),
}
REFUSING = re.compile(r"tu choi|tra lai|khong (?:tiep nhan|dat|chap nhan)|refus|reject|loi\b|error")
"""What a refusal says, without diacritics."""

DCAT = "http://www.w3.org/ns/dcat#"
DCT = "http://purl.org/dc/terms/"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
RDF_STARTS: tuple[tuple[bytes, ox.RdfFormat], ...] = (
    (b"<?xml", ox.RdfFormat.RDF_XML),
    (b"<rdf:", ox.RdfFormat.RDF_XML),
    (b"{", ox.RdfFormat.JSON_LD),
    (b"[", ox.RdfFormat.JSON_LD),
    (b"@prefix", ox.RdfFormat.TURTLE),
    (b"@base", ox.RdfFormat.TURTLE),
    (b"PREFIX", ox.RdfFormat.TURTLE),
    (b"<http", ox.RdfFormat.TURTLE),
)
MOST = 100_000
"""Datasets of a feed that are read."""


@dataclass(frozen=True)
class Entry:
    """A dataset on the other side.

    Attributes:
        identifiers: what names it: identifier, IRI, address.
        title: its title.
        address: where it is there.
        state: one of the states of a dataset that was sent.
        reason: why it was refused.
    """

    identifiers: tuple[str, ...]
    title: str
    address: str = ""
    state: str = ACCEPTED
    reason: str = ""


def read(data: bytes) -> list[Entry]:
    """Return the datasets of a list or a feed.

    Raises:
        ckan.plugins.toolkit.ValidationError: the file is none, is broken or is too large.
    """
    start = data[:200].lstrip(b"\xef\xbb\xbf \r\n\t")
    rdf_format = next((form for mark, form in RDF_STARTS if start.startswith(mark)), None)
    try:
        if len(data) > LARGEST_FILE:
            message = tk._("The file is larger than {limit} MB.")
            raise _refused(message.format(limit=LARGEST_FILE // 2**20))
        return list(_of_feed(data, rdf_format) if rdf_format else _of_list(data))
    except SheetError as error:
        raise _refused(str(error)) from error
    except (SyntaxError, ValueError, OSError) as error:
        message = tk._("The file is neither a list as CSV or XLSX nor a feed in DCAT.")
        raise _refused(message) from error


def _refused(message: str) -> tk.ValidationError:
    return tk.ValidationError({"upload": [message]})


def _of_list(data: bytes) -> Iterator[Entry]:
    for record in reading.read(_table(), data).records:
        cells = record.cells
        state = text.fold(f"{cells.get('state', '')} {cells.get('reason', '')}")
        is_refused = bool(cells.get("reason")) or REFUSING.search(state) is not None
        known = bool(cells.get("state") or cells.get("address") or cells.get("reason"))
        named = (cells.get("identifier", ""), cells.get("address", ""))
        yield Entry(
            identifiers=tuple(filter(None, named)),
            title=cells.get("title", ""),
            address="" if is_refused else cells.get("address", ""),
            state=REFUSED if is_refused else (ACCEPTED if known else SENT),
            reason=cells.get("reason", "") if is_refused else "",
        )


@cache
def _table() -> Table:
    names = [
        (name, field) for field, heading in HEADINGS.items() for name in (heading, *ALSO[field])
    ]
    return Table(
        headings=HEADINGS,
        fields=headings.known_fields(names),
        required=frozenset({"identifier", "title"}),
        keys=frozenset({"identifier", "title"}),
        normalised=lambda _field, cell: cell,
    )


def _of_feed(data: bytes, form: ox.RdfFormat) -> Iterator[Entry]:
    """Yield the datasets of a feed; nothing that it refers to is loaded."""
    store = ox.Store()
    store.load(data, format=form, base_iri="urn:feed:")
    subjects = store.quads_for_pattern(None, TYPE, ox.NamedNode(f"{DCAT}Dataset"))
    for number, quad in enumerate(subjects):
        if number >= MOST:
            return
        subject = quad.subject
        iri = subject.value if isinstance(subject, ox.NamedNode) else ""
        pages = _values(store, subject, f"{DCAT}landingPage")
        named = (iri, *_values(store, subject, f"{DCT}identifier"), *pages)
        yield Entry(
            identifiers=tuple(filter(None, named)),
            title=next(iter(_values(store, subject, f"{DCT}title")), ""),
            address=next(iter(pages), iri if iri.startswith("http") else ""),
        )


def _values(store: ox.Store, subject: object, name: str) -> list[str]:
    quads = store.quads_for_pattern(subject, ox.NamedNode(name), None)  # pyright: ignore[reportArgumentType]
    return sorted(
        quad.object.value for quad in quads if isinstance(quad.object, (ox.NamedNode, ox.Literal))
    )
