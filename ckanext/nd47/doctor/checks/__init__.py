"""All checks, in the order of the report."""

from __future__ import annotations

from ckanext.nd47.doctor.check import Check
from ckanext.nd47.doctor.checks import (
    database,
    options,
    plugins,
    schemas,
    services,
    site,
    started,
)

CHECKS: tuple[Check, ...] = (
    *plugins.CHECKS,
    *schemas.CHECKS,
    *options.CHECKS,
    *site.CHECKS,
    *services.CHECKS,
    *database.CHECKS,
    *started.CHECKS,
)

GENERAL = ("check-failed", "portal-does-not-start")
"""Findings about running the checks, which belong to no check."""
