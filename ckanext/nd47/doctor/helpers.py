"""Template helpers of the room."""

from __future__ import annotations

from ckanext.nd47.doctor.finding import interface
from ckanext.nd47.doctor.finding import language as report_language
from ckanext.nd47.lib import http

__all__ = ["nd47_doctor_title"]


def nd47_doctor_title() -> str:
    """Return what the page is called, for the administrator's menu."""
    return interface(report_language(http.language()))["title"]
