"""Old addresses of records that have another name now."""

from __future__ import annotations

from flask import Blueprint

from ckanext.nd47.metadata import former_names

nd47_former_names = Blueprint("nd47_former_names", __name__)
nd47_former_names.after_app_request(former_names.lead_on)
