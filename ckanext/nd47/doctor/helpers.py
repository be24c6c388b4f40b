"""Template helpers of the doctor."""

from __future__ import annotations

from ckanext.nd47.doctor.finding import interface
from ckanext.nd47.doctor.finding import language as report_language
from ckanext.nd47.lib.web import http

__all__ = ["nd47_doctor_title"]


def nd47_doctor_title() -> str:
    """Return the title of the page for the administrator's menu."""
    return interface(report_language(http.language()))["title"]
