"""Codes and file names from Vietnamese text."""

from __future__ import annotations

import re
import unicodedata

_UNITS = {"m³": "m3", "m²": "m2", "km²": "km2", "%": "phan tram", "°C": "do c", "µg": "ug"}


def fold(text: str) -> str:
    """Return `text` in lower-case ASCII letters, without tone marks and diacritics."""
    text = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(c for c in text if not unicodedata.combining(c)).lower()


def field_code(label: str) -> str:
    """Return the field name of a column: 'Dung tích (triệu m³)' gives 'dung_tich_trieu_m3'."""
    for unit, spelling in _UNITS.items():
        label = label.replace(unit, spelling)
    return re.sub(r"[^a-z0-9]+", "_", fold(label)).strip("_")


def slug(text: str) -> str:
    """Return `text` as a part of a URL or a file name."""
    return field_code(text).replace("_", "-")
