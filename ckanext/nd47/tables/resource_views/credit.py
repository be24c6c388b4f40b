"""Whose data a view shows, and under which licence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk


def credit(dataset: Mapping[str, Any]) -> str:
    """Return whose data these are and under which licence, for what leaves the portal."""
    organization = dataset.get("organization") or {}
    agency = str(organization.get("title") or "")
    licence = str(dataset.get("license_title") or "")
    named = tk._("Source: {agency}").format(agency=agency) if agency else ""
    return " · ".join(part for part in (named, licence) if part)
