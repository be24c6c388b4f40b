"""The map of the fictitious province: a jittered grid, so no real boundary is drawn."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from .model import Place

COLUMNS, ROWS = 6, 4
WEST, SOUTH, CELL = 105.20, 19.55, 0.085
"""The grid lies somewhere on land; it follows no boundary, river or road."""
JITTER = 0.022
KM2_PER_CELL = 84.0

Point = tuple[float, float]


class CommuneRow(NamedTuple):
    """A commune as written in the content: kind is 'xã' or 'phường'."""

    kind: str
    name: str
    population: int


def province_code() -> str:
    """Return the code of the fictitious province: no province has had one above 96."""
    return "99"


def places(communes: list[CommuneRow], seed: int) -> tuple[Place, ...]:
    """Lay the communes out on the grid, row by row from the south-west.

    Args:
        communes: exactly one for each cell of the grid.
        seed: moves the corners of the cells.
    """
    if len(communes) != COLUMNS * ROWS:
        msg = f"the map has {COLUMNS * ROWS} cells, the content {len(communes)} communes"
        raise ValueError(msg)
    corners = _corners(seed)
    return tuple(_place(index, commune, corners) for index, commune in enumerate(communes))


def _corners(seed: int) -> dict[tuple[int, int], Point]:
    random = Random(f"{seed}:map")  # noqa: S311  (sample data, no secret)
    return {
        (x, y): (
            round(WEST + x * CELL + random.uniform(-JITTER, JITTER), 5),
            round(SOUTH + y * CELL + random.uniform(-JITTER, JITTER), 5),
        )
        for y in range(ROWS + 1)
        for x in range(COLUMNS + 1)
    }


def _place(index: int, commune: CommuneRow, corners: dict[tuple[int, int], Point]) -> Place:
    x, y = index % COLUMNS, index // COLUMNS
    cell = [corners[x, y], corners[x + 1, y], corners[x + 1, y + 1], corners[x, y + 1]]
    centre = (
        round(sum(p[0] for p in cell) / 4, 5),
        round(sum(p[1] for p in cell) / 4, 5),
    )
    return Place(
        code=f"{province_code()}{index * 3 + 1:03d}",
        name=commune.name,
        title=f"{commune.kind} {commune.name}",
        outline=(*cell, cell[0]),
        centre=centre,
        population=commune.population,
        area_km2=round(_area(cell) / CELL**2 * KM2_PER_CELL, 2),
    )


def _area(cell: list[Point]) -> float:
    """Return the area of a polygon in square degrees (shoelace formula)."""
    pairs = zip(cell, cell[1:] + cell[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def point_in(place: Place, random: Random) -> Point:
    """Return a point inside the commune, by weighting its four corners."""
    u, v = random.uniform(0.15, 0.85), random.uniform(0.15, 0.85)
    weights = ((1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v)
    corners = place.outline[:4]
    return (
        round(sum(w * c[0] for w, c in zip(weights, corners, strict=True)), 5),
        round(sum(w * c[1] for w, c in zip(weights, corners, strict=True)), 5),
    )


def bounding_box(all_places: tuple[Place, ...]) -> tuple[float, float, float, float]:
    """Return west, south, east and north of the given communes."""
    points = [p for place in all_places for p in place.outline]
    longitudes, latitudes = zip(*points, strict=True)
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)
