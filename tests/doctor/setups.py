"""A sound configuration, and functions that change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ckanext.nd47.doctor.check import Needs
from ckanext.nd47.doctor.diagnosis import Diagnosis, diagnose
from ckanext.nd47.doctor.portal import read

Options = dict[str, str]

PLUGINS = "nd47 nd47_dcat nd47_l10n activity scheming_datasets scheming_organizations dcat"
SOUND: Options = {
    "use": "egg:ckan",
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "ckan.site_id": "nd47.doctor",
    "ckan.site_url": "https://dulieu.haison.example",
    "ckan.plugins": PLUGINS,
    "ckan.locale_default": "vi",
    "ckan.locales_offered": "vi en",
    "ckan.display_timezone": "Asia/Ho_Chi_Minh",
    "sqlalchemy.url": "postgresql://ckan:mat-khau@localhost/ckan",
    "sqlalchemy.hide_parameters": "true",
    "solr_url": "http://solr.haison.example:8983/solr/ckan",
    "ckan.redis.url": "redis://redis.haison.example:6379/0",
    "smtp.server": "mail.haison.example:587",
    "smtp.mail_from": "dulieu@haison.example",
    "email_to": "quantri@haison.example",
    "ckan.auth.create_user_via_web": "false",
    "ckan.auth.create_user_via_api": "false",
    "ckan.auth.user_create_groups": "false",
    "ckan.auth.user_create_organizations": "false",
    "ckan.auth.public_user_details": "false",
    "ckan.auth.anon_create_dataset": "false",
    "ckan.auth.create_unowned_dataset": "false",
    "SESSION_COOKIE_SECURE": "true",
    "REMEMBER_COOKIE_SECURE": "true",
    "ckanext.nd47.agency_code": "H99",
    "ckanext.nd47.dcat_place": "48",
    "ckanext.nd47.dcat_extent": "107.8 15.9 108.4 16.3",
}

Change = Callable[[Options, Path], object]
"""Changes the sound configuration; gets a folder for files."""


def ini(options: Mapping[str, str], folder: Path) -> Path:
    """Write a configuration file and return its path."""
    path = folder / "ckan.ini"
    lines = [f"{key} = {value}" for key, value in options.items()]
    path.write_text("\n".join(["[app:main]", *lines, ""]), encoding="utf-8")
    return path


def storage(folder: Path) -> str:
    """Create a storage folder and return its path."""
    path = folder / "storage"
    path.mkdir(exist_ok=True)
    return str(path)


def configured(
    options: Mapping[str, str], folder: Path, environment: Mapping[str, str] | None = None
) -> Diagnosis:
    """Check a configuration alone, in its own environment."""
    portal = read(ini(options, folder), environment or {})
    return diagnose(portal, needs=(Needs.CONFIGURATION,))


def ids(result: Diagnosis) -> list[str]:
    """Return the ids of the findings."""
    return [finding.id for finding in result.findings]
