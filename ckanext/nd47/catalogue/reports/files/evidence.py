"""Packs what a self-assessment needs as evidence: figures, addresses, copies of pages, checksums.

Decree 224/2026/NĐ-CP, Article 8, asks a province for data and evidence with its own assessment.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa
from flask import Flask

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.catalogue.reports.data import figures
from ckanext.nd47.catalogue.reports.data.figures import GROUPS, Query, Report
from ckanext.nd47.catalogue.reports.data.period import Period
from ckanext.nd47.catalogue.reports.files import export
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.files.spreadsheets import spreadsheet
from ckanext.nd47.lib.language import speaking
from ckanext.nd47.lib.web import portal_title

PROGRAM = "ckanext-nd47 evidence"
"""Name under which pages are fetched, so that they are not counted as viewed."""

PAGES = ("/", "/dataset/", "/organization/", "/group/", "/about", "/reports")
"""Pages of the portal that are copied where it has them."""

MOST_DATASETS = 100
"""Pages of datasets that are copied; the addresses of all are listed."""

OK = 200
NOT_IN_NAMES = re.compile(r"[^a-z0-9_-]+")
MOMENT = (1980, 1, 1, 0, 0, 0)
"""Time of the files in the archive, so that equal content gives an equal archive."""


def pack(period: Period, datasets: int = MOST_DATASETS) -> bytes:
    """Return the archive.

    Args:
        period: the period that it is about.
        datasets: how many pages of datasets are copied.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: nothing was stored of the period.
    """
    source = figures.source_of(period)
    rows = source.datasets.subquery()
    listed = model.Session.execute(
        sa.select(rows.c.name, rows.c.title, rows.c.agency_id, rows.c.points)
        .where(rows.c.listed)
        .order_by(rows.c.name)
    ).all()
    reports = [figures.report(Query(period, group)) for group in GROUPS]
    files = dict(_figures(reports))
    files["dia-chi.csv"] = _addresses(listed)
    addresses = [*PAGES, *(f"/dataset/{row.name}" for row in listed[:datasets])]
    files |= _copies(addresses)
    files["NGAY-CHOT.txt"] = _cover(reports[0], len(listed), min(datasets, len(listed)))
    files["SHA256SUMS"] = _checksums(files)
    return _archive(files)


log = logging.getLogger(__name__)


def name(period: Period) -> str:
    """Return the name of the archive."""
    return f"minh-chung-du-lieu-mo-{period.code}.zip"


def _figures(reports: list[Report]) -> Iterator[tuple[str, bytes]]:
    for report in reports:
        for extension in ("json", "csv", "xlsx"):
            path = f"so-lieu/{export.name(report, extension)}"
            yield path, export.content(report, extension)


def _addresses(rows: Any) -> bytes:
    base = config.site_base()
    header = ["Tên bộ dữ liệu", "Địa chỉ", "Địa chỉ API", "Điểm siêu dữ liệu"]
    return spreadsheet.write_csv(
        header,
        [
            [
                row.title or row.name,
                f"{base}/dataset/{row.name}",
                f"{base}/api/3/action/package_show?id={row.name}",
                str(row.points),
            ]
            for row in rows
        ],
    )


def _copies(addresses: list[str]) -> dict[str, bytes]:
    """Return copies of pages as visitors see them, by path in the archive.

    They are fetched in another thread: the end of each request closes the session of its thread.
    """
    app = speaking.application()
    application: Flask = getattr(app, "_get_current_object", lambda: app)()
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(_fetch, application, addresses).result()


def _fetch(app: Flask, addresses: list[str]) -> dict[str, bytes]:
    copies: dict[str, bytes] = {}
    client = app.test_client()
    for address in addresses:
        try:
            answer = client.get(
                address,
                base_url=tk.config[config.SITE_URL],
                headers={"User-Agent": PROGRAM},
                follow_redirects=True,
            )
        except Exception:
            # A page that cannot be shown must not spoil the copies of the others.
            log.exception("There is no copy of %s", address)
            continue
        if answer.status_code == OK:
            file_name = NOT_IN_NAMES.sub("-", address.strip("/").lower()) or "trang-chu"
            copies[f"trang/{file_name}.html"] = answer.data
    return copies


def _cover(report: Report, number: int, copied: int) -> bytes:
    state = "Kỳ đã chốt, số liệu không thay đổi." if report["closed"] else "Kỳ chưa chốt."
    lines = [
        f"Minh chứng công bố dữ liệu mở – {portal_title.title()}",
        f"Kỳ: {report['title']}",
        f"Số liệu tính đến ngày: {report['day']}",
        state,
        f"Ngày lập gói: {dates.today().isoformat()}",
        f"Số bộ dữ liệu công khai: {number} (dia-chi.csv)",
        f"Bản sao trang bộ dữ liệu: {copied} (thư mục trang/)",
        "Kiểm tra tính toàn vẹn: sha256sum -c SHA256SUMS",
    ]
    if report["sample"]:
        lines.insert(1, "SỐ LIỆU MẪU, KHÔNG PHẢI SỐ LIỆU THẬT")
    return ("\n".join(lines) + "\n").encode()


def _checksums(files: dict[str, bytes]) -> bytes:
    lines = [f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files)]
    return "".join(lines).encode()


def _archive(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            archive.writestr(
                zipfile.ZipInfo(path, MOMENT), files[path], compress_type=zipfile.ZIP_DEFLATED
            )
    return target.getvalue()
