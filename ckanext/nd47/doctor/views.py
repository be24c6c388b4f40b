"""The administrator's page of the doctor: `/ckan-admin/nd47-doctor`."""

from __future__ import annotations

from flask import Blueprint

import ckan.plugins.toolkit as tk

from ckanext.nd47.doctor import portal as portals
from ckanext.nd47.doctor.diagnosis import diagnose, installed
from ckanext.nd47.doctor.finding import interface
from ckanext.nd47.doctor.finding import language as report_language
from ckanext.nd47.lib.web import http, pages

__all__ = ["nd47_doctor"]

nd47_doctor = Blueprint("nd47_doctor", __name__, url_prefix="/ckan-admin/nd47-doctor")


nd47_doctor.before_request(pages.require_sysadmin())


@nd47_doctor.get("")
def index() -> str:
    """Show the diagnosis; no job is enqueued, because a GET request must not write."""
    lang = report_language(http.language())
    result = diagnose(portals.running(dict(tk.request.headers)))
    words = interface(lang)
    facts = {
        "words": words,
        "findings": [finding.as_dict(lang) for finding in result.findings],
        "sound": result.sound,
        "checks": len(result.done),
        "versions": {name: installed(name) for name in ("ckan", "ckanext-nd47")},
    }
    return tk.render("nd47/doctor/index.html", facts)
