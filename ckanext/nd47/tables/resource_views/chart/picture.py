"""Draws a chart as SVG or PNG with matplotlib, which needs no browser and no JavaScript.

The styles differ without colour too: lines by their dashes and signs, bars by their hatches.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

Format = Literal["svg", "png"]

_LOCK = threading.Lock()
"""matplotlib is not made for several threads."""

_INK, _GRID, _QUIET = "#1b1b1b", "#d9d9d9", "#555555"
_COLOURS = ("#0b3c5d", "#c8553d", "#3a7d44", "#7b4b94", "#8a6d00", "#4a4a4a")
_DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
_SIGNS = ("o", "s", "^", "D", "v", "X")
_HATCHES = ("", "///", "...", "xxx", "\\\\\\", "ooo")
_MOST_SIGNS = 40
_MOST_LABELS = 10
_LONGEST_LABEL = 38
_WIDTH, _NARROW, _HEIGHT = 8.0, 4.2, 4.6
_BAR = 0.3
_RESOLUTION = 130

_SETTINGS: dict[str, Any] = {
    # The font is a part of matplotlib and has every Vietnamese letter. Texts are drawn as outlines,
    # so that they look the same wherever the picture is used.
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "svg.fonttype": "path",
    "svg.hashsalt": "nd47",
    "text.parse_math": False,
    "hatch.linewidth": 0.7,
    "axes.edgecolor": _QUIET,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
}


@dataclass(frozen=True)
class Drawing:
    """What is drawn.

    Attributes:
        title: stands above.
        source: stands below: whose data these are.
        x: categories or moments, as they are written.
        series: name and numbers of each series.
        quantity: what the numbers are.
        is_line: whether it is a line; otherwise bars.
        is_upright: whether bars stand, as for moments.
        write: writes a number at an axis or bar.
        is_narrow: whether it is for the width of a phone.
    """

    title: str
    source: str
    x: list[str]
    series: list[tuple[str, list[float | None]]]
    quantity: str
    is_line: bool
    is_upright: bool
    write: Callable[[float], str]
    is_narrow: bool = False

    def narrow(self) -> Drawing:
        """Return the drawing for the width of a phone."""
        return replace(self, is_narrow=True)

    @property
    def inches(self) -> tuple[float, float]:
        """Width and height."""
        width = _NARROW if self.is_narrow else _WIDTH
        legend = 0.3 * len(self.series) if self.is_narrow and len(self.series) > 1 else 0.0
        if self.is_line or self.is_upright:
            return width, _HEIGHT + legend
        each = _BAR * max(1.0, 0.6 * len(self.series))
        return width, 1.7 + legend + each * max(len(self.x), 3)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels of CSS."""
        width, height = self.inches
        return round(width * 96), round(height * 96)


def draw(drawing: Drawing, format_: Format) -> bytes:
    """Return a chart as a picture."""
    with _LOCK, mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=drawing.inches, layout="constrained")
        axes = figure.add_subplot()
        _frame(axes, is_across=not (drawing.is_line or drawing.is_upright))
        if drawing.is_line:
            _lines(axes, drawing)
        else:
            _bars(axes, drawing)
        title = _wrapped(drawing.title, 40 if drawing.is_narrow else 78)
        figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
        if len(drawing.series) > 1:
            columns = 1 if drawing.is_narrow else 3
            axes.legend(frameon=False, fontsize=9, ncols=columns, loc="lower left",
                        bbox_to_anchor=(0, 1.01))  # fmt: skip
        if drawing.source:
            source = _wrapped(drawing.source, 58 if drawing.is_narrow else 110)
            figure.supxlabel(source, fontsize=8, color=_QUIET, x=0.01, ha="left")
        target = io.BytesIO()
        # Without a date, so that equal data give equal bytes.
        metadata = {"Date": None} if format_ == "svg" else {"Software": None}
        figure.savefig(target, format=format_, dpi=_RESOLUTION, metadata=metadata)
        return target.getvalue()


def _frame(axes: Axes, *, is_across: bool) -> None:
    for side in ("top", "right", "left" if not is_across else "bottom"):
        axes.spines[side].set_visible(False)
    axes.grid(visible=True, axis="x" if is_across else "y", color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def _lines(axes: Axes, drawing: Drawing) -> None:
    places = list(range(len(drawing.x)))
    for number, (name, values) in enumerate(drawing.series):
        sign = _SIGNS[number] if len(places) <= _MOST_SIGNS else None
        shown: Any = [float("nan") if value is None else value for value in values]
        axes.plot(
            places, shown, label=_cut(name, drawing), color=_COLOURS[number], linewidth=1.8,
            linestyle=_DASHES[number], marker=sign, markersize=5,
        )  # fmt: skip
    _name_places(axes, drawing)
    _write_numbers(axes.yaxis, drawing)
    axes.set_ylabel(_wrapped(drawing.quantity, 40))
    axes.margins(x=0.02)


def _bars(axes: Axes, drawing: Drawing) -> None:
    count = len(drawing.series)
    thickness = 0.78 / max(count, 1)
    for number, (name, values) in enumerate(drawing.series):
        shift = (number - (count - 1) / 2) * thickness
        places = [place + shift for place in range(len(drawing.x))]
        heights = [value or 0.0 for value in values]
        style: dict[str, Any] = {
            "label": _cut(name, drawing),
            "color": _COLOURS[number] if count == 1 else "white",
            "edgecolor": _COLOURS[number],
            "hatch": _HATCHES[number],
        }
        if count > 1 and not _HATCHES[number]:
            style["color"] = _COLOURS[number]
        if drawing.is_upright:
            axes.bar(places, heights, thickness, **style)
            continue
        bars = axes.barh(places, heights, thickness, **style)
        labels = ["" if value is None else drawing.write(value) for value in values]
        axes.bar_label(bars, labels, padding=3, fontsize=8)
    if drawing.is_upright:
        _name_places(axes, drawing)
        _write_numbers(axes.yaxis, drawing)
        axes.set_ylabel(_wrapped(drawing.quantity, 40))
        return
    axes.set_yticks(range(len(drawing.x)), [_cut(name, drawing) for name in drawing.x])
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.margins(x=0.24 if drawing.is_narrow else 0.14, y=0.02)
    _write_numbers(axes.xaxis, drawing)
    axes.set_xlabel(_wrapped(drawing.quantity, 70))


def _name_places(axes: Axes, drawing: Drawing) -> None:
    """Write as many moments at the axis as there is room for, the last among them."""
    count = len(drawing.x)
    step = max(1, -(-count // (_MOST_LABELS // 2 if drawing.is_narrow else _MOST_LABELS)))
    places = list(range(count - 1, -1, -step))[::-1]
    axes.set_xticks(
        places, [_cut(drawing.x[place], drawing) for place in places], rotation=30, ha="right"
    )


def _write_numbers(axis: Any, drawing: Drawing) -> None:
    values = [value for _, numbers in drawing.series for value in numbers if value is not None]
    is_whole = all(float(value).is_integer() for value in values)
    axis.set_major_locator(MaxNLocator(nbins=3 if drawing.is_narrow else 6, integer=is_whole))
    axis.set_major_formatter(FuncFormatter(lambda value, _place: drawing.write(round(value, 9))))


def _cut(name: str, drawing: Drawing) -> str:
    longest = _LONGEST_LABEL // 2 if drawing.is_narrow else _LONGEST_LABEL
    return name if len(name) <= longest else f"{name[: longest - 1].rstrip()}…"


def _wrapped(words: str, width: int) -> str:
    """Return words on two lines at most."""
    if len(words) <= width:
        return words
    cut = words.rfind(" ", 0, width)
    place = cut if cut > 0 else width
    rest = words[place:].strip()
    return f"{words[:place]}\n{rest if len(rest) <= width else rest[: width - 1].rstrip() + '…'}"
