"""Reads the content files into a province as of one day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from .documents import Document, Section, pdf_bytes, text_bytes
from .geography import CommuneRow, places
from .metadata import ROOT_AGENCY, Surroundings, dataset_metadata
from .model import Account, DataFile, Dataset, Organisation, Place, Province
from .tables import Setting, build_table
from .text import field_code
from .writers import csv_bytes, geojson_bytes, json_bytes, xlsx_bytes

DEFAULT_SEED = 47
FOLDER = Path(__file__).parent / "content"
DOMAIN = "vinhkhue.example"
AGENCY_CODE = "H99"

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABLE_FORMATS = {
    "CSV": ("text/csv", csv_bytes),
    "XLSX": (XLSX, xlsx_bytes),
    "JSON": ("application/json", json_bytes),
    "GeoJSON": ("application/geo+json", geojson_bytes),
}
DOCUMENT_FORMATS = {"PDF": ("application/pdf", pdf_bytes), "TXT": ("text/plain", text_bytes)}


def province(seed: int = DEFAULT_SEED, today: date | None = None) -> Province:
    """Return the sample province.

    Args:
        seed: fixes every random value; the same seed and day give the same bytes.
        today: the day that dates are counted back from, so that "late" stays late; default: now.
    """
    today = today or date.today()  # noqa: DTZ011  (the day on the wall, no moment in time)
    head = _read("province.yaml")
    communes = places([CommuneRow(*row) for row in head["communes"]], seed)
    organisations = tuple(
        _organisation(row, number) for number, row in enumerate(_read("organisations.yaml"))
    )
    rows = list(_dataset_rows())
    agencies = {agency.name: agency for agency in organisations}
    reader = _DatasetReader(
        seed=seed,
        today=today,
        communes=communes,
        organisations=agencies,
        head=head,
        sources=_read("sources.yaml"),
        catalogue=[_catalogue_entry(row, agencies, head["labels"]) for row in rows],
    )
    datasets = tuple(reader.dataset(row) for row in rows)
    return Province(
        title=head["title"],
        seed=seed,
        today=today,
        places=communes,
        organisations=organisations,
        datasets=datasets,
        editor=Account(**head["editor"]),
        leader=Account(**head["leader"]),
        approver=Account(**head["approver"]),
        with_approval=tuple(head["with_approval"]),
    )


def _read(name: str) -> Any:
    return _content(FOLDER / name)


def _content(path: Path) -> Any:
    """Return the content of a YAML file, read with libyaml, which is ten times as fast."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # noqa: S506 - safe


POSITIONS = {"province": "Phó Chánh Văn phòng", "department": "Chánh Văn phòng"}
"""Of focal points, by the level of their agency."""


def _dataset_rows() -> Iterator[Mapping[str, Any]]:
    for path in sorted((FOLDER / "datasets").glob("*.yaml")):
        yield from _content(path)


def _organisation(row: Mapping[str, str], number: int) -> Organisation:
    host = f"{row['short']}.{DOMAIN}"
    position = POSITIONS.get(row["level"], "Công chức Văn phòng")
    # No telephone area in Vietnam is 0200, so nobody is called by mistake.
    telephone = f"0200 000 {number + 101:04d}"
    contact = {
        "name": f"Đầu mối dữ liệu mở - {row['title']}",
        "email": f"dulieumo@{host}",
        "url": f"https://{host}/du-lieu-mo",
        "position": position,
        "function": "Tiếp nhận phản hồi, giải đáp và phối hợp xử lý các vấn đề về dữ liệu mở",
        "telephone": telephone,
    }
    return Organisation(
        name=row["name"],
        title=row["title"],
        title_en=row["title_en"],
        identifier=".".join(filter(None, (AGENCY_CODE, row["code"]))),
        level=row["level"],
        parent=None if row["name"] == ROOT_AGENCY else row.get("parent", ROOT_AGENCY),
        description=row["description"],
        address=f"{row['address']}, tỉnh Vĩnh Khuê",
        email=f"vanthu@{host}",
        telephone=telephone,
        url=f"https://{host}",
        contact=contact,
        focal_points=_focal_points(row["level"], contact),
    )


def _focal_points(level: str, contact: Mapping[str, str]) -> tuple[Mapping[str, str], ...]:
    """Return the focal points of an agency; communes have nobody for connecting data yet."""
    details = {name: contact[name] for name in ("position", "telephone", "email")}
    feedback = {**details, "role": "feedback", "function": contact["function"]}
    if level == "commune":
        return (feedback,)
    function = "Kết nối, chia sẻ dữ liệu với các cơ quan và Cổng dữ liệu quốc gia"
    return (feedback, {**details, "role": "sharing", "function": function})


def _catalogue_entry(
    row: Mapping[str, Any], agencies: Mapping[str, Organisation], labels: Mapping[str, Any]
) -> list[str]:
    """Return a dataset as the issued catalogue lists it."""
    formats = dict.fromkeys(f for file in row["files"] for f in file["formats"])
    return [
        row["item"],
        row["title"],
        labels["fields"][row["theme"][0]],
        agencies[row["org"]].title,
        labels["frequencies"][row["frequency"]],
        ", ".join(formats),
        labels["states"][row.get("state", "published")],
    ]


@dataclass(frozen=True)
class _DatasetReader:
    """Turns the rows of the content files into datasets."""

    seed: int
    today: date
    communes: tuple[Place, ...]
    organisations: Mapping[str, Organisation]
    head: Mapping[str, Any]
    sources: Mapping[str, Any]
    catalogue: Sequence[Sequence[str]]

    def dataset(self, row: Mapping[str, Any]) -> Dataset:
        """Return one dataset with its files."""
        updated = self.today - timedelta(days=row["updated"])
        metadata = dataset_metadata(
            row,
            Surroundings(self.today, self.communes, self.head["decisions"]),
            self.organisations[row["org"]],
            self._source(row),
            self._covered(row),
        )
        return Dataset(
            name=row["name"],
            state=row.get("state", "published"),
            late=row.get("late", False),
            incomplete=bool(row.get("missing")),
            metadata=metadata,
            files=tuple(self._files(row, updated)),
        )

    def _source(self, row: Mapping[str, Any]) -> Mapping[str, str] | None:
        if "source" not in row:
            return None
        source = dict(self.sources[row["source"]])
        source["owner"] = self.organisations[source["owner"]].title
        return source

    def _covered(self, row: Mapping[str, Any]) -> tuple[Place, ...]:
        return tuple(
            p for title in row.get("places", ()) for p in self.communes if p.title == title
        )

    def _files(self, row: Mapping[str, Any], updated: date) -> Iterator[DataFile]:
        for description in row["files"]:
            formats: Sequence[str] = description["formats"]
            for format_ in formats:
                yield self._file(row, description, format_, updated)

    def _file(
        self, row: Mapping[str, Any], spec: Mapping[str, Any], format_: str, updated: date
    ) -> DataFile:
        places = self._covered(row) or self.communes
        seed = f"{self.seed}:{row['name']}:{spec['file']}"
        setting = Setting(places, updated, seed, self.head["pools"], self.catalogue)
        if "document" in spec:
            mimetype, write_document = DOCUMENT_FORMATS[format_]
            document = _document(spec["document"], self.organisations[row["org"]])
            build = partial(write_document, document)
            dictionary = ""
        else:
            mimetype, write_table = TABLE_FORMATS[format_]
            build = partial(_write_table, write_table, spec, setting)
            dictionary = _data_dictionary(spec)
        many = len(spec["formats"]) > 1
        return DataFile(
            filename=f"{spec['file']}.{format_.lower()}",
            name=f"{spec['name']} ({format_})" if many else spec["name"],
            description=spec.get("about", ""),
            format=format_,
            mimetype=mimetype,
            period=str(spec.get("period", "")),
            data_dictionary=dictionary,
            build=build,
        )


def _write_table(write: Any, spec: Mapping[str, Any], setting: Setting) -> bytes:
    return write(build_table(spec["name"], spec, setting))


def _data_dictionary(spec: Mapping[str, Any]) -> str:
    """Say what each field of the file means."""
    return "\n".join(f"{field_code(label)}: {label}" for label in spec["columns"])


def _document(spec: Mapping[str, Any], agency: Organisation) -> Document:
    issuer = spec.get("issuer", agency.title).upper()
    return Document(
        kind=spec["kind"],
        issuer=issuer,
        number=spec["number"],
        issued=spec["date"],
        about=spec["about"],
        grounds=tuple(spec.get("grounds", ())),
        sections=tuple(Section(s["heading"], tuple(s["text"])) for s in spec["sections"]),
        signer=tuple(spec["signer"]),
    )
