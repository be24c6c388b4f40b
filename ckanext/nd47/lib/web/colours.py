"""Colours and their contrast (WCAG 2.2)."""

from __future__ import annotations

import re

HEX = re.compile(r"#[0-9a-f]{6}")
LEAST_CONTRAST = 4.5
"""Minimum contrast of normal text in WCAG 2.2 AA (success criterion 1.4.3)."""

WHITE = "#ffffff"


def colour(text: str) -> str:
    """Return the stored form of a colour, `#rrggbb` in lower case.

    Raises:
        ValueError: it is not a colour.
    """
    written = text.strip().lower()
    if not HEX.fullmatch(written):
        raise ValueError(text)
    return written


def contrast(foreground: str, background: str = WHITE) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    brighter, darker = sorted((_luminance(foreground), _luminance(background)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def is_readable(background: str) -> bool:
    """Return whether white text on a colour, or the reverse, has enough contrast."""
    return contrast(background) >= LEAST_CONTRAST


def _luminance(hex_colour: str) -> float:
    red, green, blue = (
        _linear(int(hex_colour[start : start + 2], 16) / 255) for start in (1, 3, 5)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - WCAG
