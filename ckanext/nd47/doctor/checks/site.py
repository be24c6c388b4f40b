"""Checks of the portal's address, languages, time zone, mail and files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import pytz

from ckanext.nd47.doctor import unsafe
from ckanext.nd47.doctor.check import Check, Result, report
from ckanext.nd47.doctor.portal import Portal
from ckanext.nd47.lib import config as options

SITE_URL = "ckan.site_url"
ZONE = "ckan.display_timezone"
DEFAULT_LOCALE = "ckan.locale_default"
OFFERED = "ckan.locales_offered"
STORAGE = "ckan.storage_path"
SENDER = "smtp.mail_from"
SECRET = "SECRET_KEY"  # noqa: S105 - the name of an option

VIETNAM_ZONES = frozenset({"Asia/Ho_Chi_Minh", "Asia/Saigon", "Asia/Bangkok", "Asia/Hanoi"})
LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain", ""})
SHORTEST_SECRET = 20
MEMORY = frozenset({"tmpfs", "ramfs", "overlay"})
"""File systems that do not survive the machine or the container."""


def is_local(host: str) -> bool:
    """Return whether a host is this machine, which others cannot reach by that name."""
    try:
        address = ip_address(host)
    except ValueError:
        return host in LOCAL_NAMES
    return address.is_loopback or address.is_unspecified


def site_url(portal: Portal) -> Iterator[Result]:
    """Check the site address of the portal."""
    address = portal.text(SITE_URL)
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield report("site-url-missing", value=address)
    elif is_local(parts.hostname):
        yield report("site-url-loopback", value=address)
    elif parts.scheme == "http":
        yield report("site-url-http", value=address, line=address.replace("http:", "https:", 1))
    if parts.hostname and parts.path.strip("/"):
        line = f"{parts.scheme}://{parts.netloc}"
        yield report("site-url-path", value=address, line=line, path=parts.path.rstrip("/"))


def base_iri(portal: Portal) -> Iterator[Result]:
    """Check the base of the portal's IRIs."""
    base = portal.text(options.BASE_IRI)
    parts = urlsplit(base)
    if not base:
        return
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        yield report("base-iri-invalid", value=base)
    elif is_local(parts.hostname):
        yield report("base-iri-loopback", value=base)


def proxy(portal: Portal) -> Iterator[Result]:
    """Compare the headers of the reverse proxy with the address of the portal."""
    site = urlsplit(portal.text(SITE_URL))
    scheme = portal.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    host = portal.headers.get("x-forwarded-host", "") or portal.headers.get("host", "")
    host = host.split(",")[0].strip()
    if scheme and scheme != site.scheme:
        yield report(
            "proxy-scheme", seen=scheme, value=site.geturl(), line=f"{scheme}://{site.netloc}"
        )
    name = urlsplit(f"//{host}").hostname or ""
    if name and site.hostname and name != site.hostname:
        yield report("proxy-host", seen=host, value=site.geturl())


def time_zone(portal: Portal) -> Iterator[Result]:
    """Check the time zone for display."""
    zone = portal.text(ZONE)
    if zone and zone != "server" and zone not in pytz.all_timezones_set:
        yield report("time-zone-unknown", value=zone)
    elif zone not in VIETNAM_ZONES:
        yield report("time-zone-other", value=zone or "UTC")


def locales(portal: Portal) -> Iterator[Result]:
    """Check that the portal offers Vietnamese."""
    default, offered = portal.text(DEFAULT_LOCALE), portal.words(OFFERED)
    if offered and default not in offered:
        line = " ".join([default, *offered])
        yield report("locale-not-offered", value=default, offered=offered, line=line)
    if default != "vi":
        yield report("locale-other", value=default)
    if offered and "vi" not in {*offered, default}:
        yield report("locale-vi-missing", offered=offered, line=" ".join(["vi", *offered]))


def mail(portal: Portal) -> Iterator[Result]:
    """Check that the portal can send mail."""
    server = portal.text("smtp.server")
    host = urlsplit(f"//{server}").hostname or ""
    if is_local(host):
        yield report("mail-server-local", value=server or "localhost")
    if "@" not in portal.text(SENDER):
        yield report("mail-sender-missing")
    if "@" not in portal.text("email_to"):
        yield report("mail-errors-nowhere")


def storage(portal: Portal) -> Iterator[Result]:
    """Check the folder of uploaded files."""
    written = portal.text(STORAGE)
    if not written:
        yield report("storage-unset")
        return
    path = Path(written)
    if not path.is_dir():
        yield report("storage-missing", value=written)
    elif not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        yield report("storage-read-only", value=written)
    temporary = path.is_relative_to(tempfile.gettempdir())
    if temporary or file_system(path) in MEMORY:
        yield report("storage-temporary", value=written)


def file_system(path: Path) -> str:
    """Return the type of the file system of a path, empty if unknown."""
    try:
        lines = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    mounts = [line.split()[1:3] for line in lines if len(line.split()) > 2]  # noqa: PLR2004 - fields
    above = [(point, kind) for point, kind in mounts if path.is_relative_to(point)]
    return max(above, default=("", ""), key=lambda device: len(device[0]))[1]


def unsafe_options(portal: Portal) -> Iterator[Result]:
    """Find options and plugins that make the portal less secure than required."""
    for name, value in unsafe.options(portal.is_true, portal.text(SITE_URL)):
        line = f"{name} = {str(not value).lower()}"
        yield report("option-unsafe", option=name, value=str(value).lower(), line=line)
    for name in unsafe.plugins(portal.has):
        line = " ".join(plugin for plugin in portal.plugins if plugin != name)
        yield report("plugin-unsafe", name=name, line=line)
    if portal.is_true("debug"):
        yield report("debug-on")
    if not portal.is_true("sqlalchemy.hide_parameters"):
        yield report("parameters-logged")


def secret(portal: Portal) -> Iterator[Result]:
    """Check that the secret for signing sessions cannot be guessed."""
    if len(portal.text(SECRET)) < SHORTEST_SECRET:
        yield report("secret-weak")


CHECKS = (
    Check(site_url, ("site-url-missing", "site-url-loopback", "site-url-http", "site-url-path")),
    Check(base_iri, ("base-iri-invalid", "base-iri-loopback")),
    Check(proxy, ("proxy-scheme", "proxy-host")),
    Check(time_zone, ("time-zone-unknown", "time-zone-other")),
    Check(locales, ("locale-not-offered", "locale-other", "locale-vi-missing")),
    Check(mail, ("mail-server-local", "mail-sender-missing", "mail-errors-nowhere")),
    Check(storage, ("storage-unset", "storage-missing", "storage-read-only", "storage-temporary")),
    Check(unsafe_options, ("option-unsafe", "plugin-unsafe", "debug-on", "parameters-logged")),
    Check(secret, ("secret-weak",)),
)
