"""Every check, in the order of the report."""

from __future__ import annotations

from ckanext.nd47.doctor import (
    checks_database,
    checks_options,
    checks_plugins,
    checks_schemas,
    checks_services,
    checks_site,
    checks_started,
)
from ckanext.nd47.doctor.check import Check

CHECKS: tuple[Check, ...] = (
    *checks_plugins.CHECKS,
    *checks_schemas.CHECKS,
    *checks_options.CHECKS,
    *checks_site.CHECKS,
    *checks_services.CHECKS,
    *checks_database.CHECKS,
    *checks_started.CHECKS,
)

GENERAL = ("check-failed", "portal-does-not-start")
"""Findings of no check: of the running of the checks themselves."""
