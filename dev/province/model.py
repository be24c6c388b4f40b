"""What a sample province is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

State = Literal["published", "draft", "private"]
Metadata = dict[str, Any]
Report = Callable[[int, int, str], None]
"""Called with the steps done, the steps in all and what was just done."""


@dataclass(frozen=True)
class Place:
    """A commune or ward: its code, its outline and the middle of it (longitude, latitude)."""

    code: str
    name: str
    title: str
    outline: tuple[tuple[float, float], ...]
    centre: tuple[float, float]
    population: int
    area_km2: float


@dataclass(frozen=True)
class Organisation:
    """An agency; `contact` is its focal point, an office mailbox and no person's name.

    `focal_points` are those that the register gets.
    """

    name: str
    title: str
    title_en: str
    identifier: str
    level: str
    parent: str | None
    description: str
    address: str
    email: str
    telephone: str
    url: str
    contact: Mapping[str, str]
    focal_points: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class DataFile:
    """One file to upload; `build` makes its bytes, the same ones each time."""

    filename: str
    name: str
    description: str
    format: str
    mimetype: str
    period: str
    data_dictionary: str
    build: Callable[[], bytes]


@dataclass(frozen=True)
class Dataset:
    """A dataset: `metadata` is the input of `package_create`, without its files."""

    name: str
    state: State
    late: bool
    incomplete: bool
    metadata: Metadata
    files: tuple[DataFile, ...]

    @property
    def title(self) -> str:
        """The title as shown to people."""
        return str(self.metadata["title"])

    @property
    def owner(self) -> str:
        """The name of the organisation that provides the dataset."""
        return str(self.metadata["owner_org"])


@dataclass(frozen=True)
class Account:
    """A person with an account and the agency that the person works for."""

    name: str
    fullname: str
    email: str
    organisation: str


@dataclass(frozen=True)
class Province:
    """The whole province, as of one day.

    The editor may edit the datasets of one department; the leader sees the work of the agency and
    of all agencies below it; the approver decides about datasets of the agencies `with_approval`.
    """

    title: str
    seed: int
    today: date
    places: tuple[Place, ...]
    organisations: tuple[Organisation, ...]
    datasets: tuple[Dataset, ...]
    editor: Account
    leader: Account
    approver: Account
    with_approval: tuple[str, ...]


@dataclass
class Summary:
    """The result of a load."""

    organisations_created: int = 0
    datasets_created: int = 0
    datasets_completed: int = 0
    datasets_unchanged: int = 0
    datasets_deleted_by_users: int = 0
    files_uploaded: int = 0
    editor_created: bool = False
    leader_created: bool = False
