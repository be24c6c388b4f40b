"""The metadata of a dataset in the fields of the portal's schema.

The content files say what differs from dataset to dataset; what follows from the agency, the dates
or the kind of data is worked out here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from .geography import bounding_box
from .model import Metadata, Organisation, Place

DECREE_47_REPEALED = date(2025, 8, 19)
"""Nghị định 194/2025/NĐ-CP, Điều 40: the open-data articles of Decree 47 ended on this day."""
LICENCE_DECREE_47 = "nd47-open-data"
LICENCE_TODAY = "vn-open-data-2023"
LEGISLATION_DECREE_47 = ["nd-47-2020"]
LEGISLATION_TODAY = ["luat-20-2023", "nd-194-2025", "luat-60-2024", "nd-165-2025"]
ROOT_AGENCY = "ubnd-tinh-vinh-khue"
YEAR = 365
OPTIONAL_FIELDS = frozenset(
    {
        "tag_string",
        "contact",
        "frequency",
        "provenance",
        "source_database",
        "spatial_coverage",
        "temporal_coverage",
        "catalogue_entry",
        "applicable_legislation",
        "theme",
        "notes",
        "issued",
        "quality_plan",
    }
)
"""What `missing` in the content may leave out."""


@dataclass(frozen=True)
class Surroundings:
    """What every dataset shares.

    Attributes:
        today: the day that `issued` and `updated` count back from.
        places: all communes, for the extent of the province.
        decisions: the decisions on the catalogue, newest first.
    """

    today: date
    places: Sequence[Place]
    decisions: Sequence[Mapping[str, Any]]


def dataset_metadata(
    row: Mapping[str, Any],
    around: Surroundings,
    agency: Organisation,
    source: Mapping[str, str] | None,
    places: Sequence[Place],
) -> Metadata:
    """Return the input of `package_create` for the dataset in `row`.

    Args:
        row: one entry of the content files.
        around: what every dataset shares.
        agency: the providing agency; its mailbox is the focal point.
        source: the source database, if it is known.
        places: the communes covered; empty for the whole province.

    Raises:
        ValueError: `missing` names a field that is not optional.
    """
    today = around.today
    issued = today - timedelta(days=row["issued"])
    updated = today - timedelta(days=row["updated"])
    first, last = row["period"]
    metadata: Metadata = {
        "name": row["name"],
        "title": row["title"],
        "notes": row["notes"],
        "tag_string": ",".join(row["tags"]),
        "owner_org": agency.name,
        "private": row.get("state") == "private",
        "responsible_agency": ROOT_AGENCY,
        "license_id": _licence(issued),
        "url": f"{agency.url}/du-lieu/{row['name']}",
        "open_data_category": row["category"],
        "theme": row["theme"],
        "sharing_class": row.get("sharing", "du-lieu-mo"),
        "access_rights": row.get("access", "cong-khai"),
        "contact": [dict(agency.contact)],
        "frequency": row["frequency"],
        "temporal_coverage": [{"start": str(first), "end": str(last or updated)}],
        "spatial_coverage": [_extent(places, around.places)],
        "issued": issued.isoformat(),
        "modified": updated.isoformat(),
        "language": ["vi"],
        "applicable_legislation": _legislation(issued),
        "catalogue_entry": [_catalogue_entry(row, issued, around.decisions)],
        "provenance": row.get("provenance", ""),
        **_reviews(row, issued, today, agency),
    }
    if source is not None:
        metadata["source_database"] = [dict(source)]
    for name in row.get("missing", ()):
        if name not in OPTIONAL_FIELDS:
            msg = f"dataset {row['name']}: field {name!r} may not be left out"
            raise ValueError(msg)
        metadata.pop(name, None)
    return {key: content for key, content in metadata.items() if content not in ("", [])}


def _licence(issued: date) -> str:
    return LICENCE_DECREE_47 if issued < DECREE_47_REPEALED else LICENCE_TODAY


def _legislation(issued: date) -> list[str]:
    return LEGISLATION_DECREE_47 if issued < DECREE_47_REPEALED else LEGISLATION_TODAY


def _extent(places: Sequence[Place], whole_province: Sequence[Place]) -> dict[str, str]:
    """Describe the place by name and extent; it has no code, as a fictitious place has none."""
    covered = tuple(places or whole_province)
    west, south, east, north = bounding_box(covered)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    names = ", ".join(p.title[0].upper() + p.title[1:] for p in places)
    return {
        "text": f"{names}, tỉnh Vĩnh Khuê" if names else "Tỉnh Vĩnh Khuê",
        "bbox": json.dumps({"type": "Polygon", "coordinates": [ring]}),
        "centroid": json.dumps(
            {
                "type": "Point",
                "coordinates": [round((west + east) / 2, 5), round((south + north) / 2, 5)],
            }
        ),
    }


def _catalogue_entry(
    row: Mapping[str, Any], issued: date, decisions: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """Return the entry in the catalogue in force when the dataset came out."""
    decision = next((d for d in decisions if d["date"] <= issued), decisions[-1])
    return {
        "decision_number": decision["number"],
        "decision_date": str(decision["date"]),
        "issuer": "Chủ tịch Ủy ban nhân dân tỉnh Vĩnh Khuê",
        "code": str(row["item"]),
    }


def _reviews(row: Mapping[str, Any], issued: date, today: date, agency: Organisation) -> Metadata:
    """Return assessments and checks: drafts have none yet, older datasets a yearly check."""
    if row.get("state") == "draft":
        return {}
    before = (issued - timedelta(days=14)).isoformat()
    reviews: Metadata = {
        "personal_data_assessment": [
            {
                "assessed_by": agency.title,
                "date": before,
                "content": row.get(
                    "personal_data",
                    "Dữ liệu không chứa thông tin cá nhân; đã xem xét nguy cơ tiết lộ khi kết hợp "
                    "với dữ liệu khác, mức rủi ro thấp.",
                ),
            }
        ],
        "security_assessment": [
            {
                "assessed_by": "Trung tâm Chuyển đổi số",
                "date": before,
                "content": "Không thuộc danh mục bí mật nhà nước; việc công bố không ảnh hưởng "
                "đến an toàn, an ninh của hệ thống và hạ tầng liên quan.",
            }
        ],
    }
    if (today - issued).days > YEAR:
        checked = today - timedelta(days=min(200, (today - issued).days // 2))
        reviews["yearly_check"] = [
            {
                "date": checked.isoformat(),
                "result": "Đạt yêu cầu về độ chính xác và tính toàn vẹn; không phát hiện dữ liệu "
                "bất thường.",
                "document": f"{agency.url}/kiem-tra-du-lieu/{checked.year}",
            }
        ]
    if "quality" in row:
        quality = dict(row["quality"])
        deadline = (today + timedelta(days=quality.pop("within"))).isoformat()
        plan = {"responsible": agency.title, "deadline": deadline, **quality}
        reviews["quality_plan"] = [plan]
    return reviews
