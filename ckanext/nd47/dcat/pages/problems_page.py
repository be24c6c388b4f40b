"""The administrator's page of values that are not exported: `/ckan-admin/nd47-dcat`."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from flask import Blueprint

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import migrated
from ckanext.nd47.dcat.store import left_out, maintenance
from ckanext.nd47.lib.web import http, pages

MAX_DATASETS = 200
"""Datasets on the page; `ckan nd47 dcat check` lists all of them."""

TEXTS: Mapping[str, Mapping[str, str]] = {
    "title": {"vi": "Bản kết xuất DCAT", "en": "DCAT export"},
    "intro": {
        "vi": "Những giá trị dưới đây không có trong bản kết xuất, hoặc đã được sửa cho đúng dạng."
        " Bộ dữ liệu vẫn được kết xuất với các giá trị còn lại. Hãy sửa trong biểu mẫu của bộ dữ"
        " liệu.",
        "en": "These values are not in the export, or were changed to make them valid. The datasets"
        " are exported with all their other values. Correct the values in the form of the dataset.",
    },
    "none": {
        "vi": "Mọi giá trị của mọi bộ dữ liệu công khai đều được kết xuất.",
        "en": "Every value of every public dataset is exported.",
    },
    "more": {
        "vi": "Còn nữa: lệnh `ckan nd47 dcat check` liệt kê tất cả.",
        "en": "There are more: the command `ckan nd47 dcat check` lists all of them.",
    },
    "about": {
        "vi": "Bản kết xuất đưa mọi bộ dữ liệu công khai ra theo chuẩn DCAT để Cổng dữ liệu quốc"
        " gia và phần mềm khác đọc. Trang này nêu những giá trị không đưa ra được.",
        "en": "The export gives every public dataset as DCAT, for the national portal and other"
        " software. This page tells which values it cannot give.",
    },
    "catalogue": {"vi": "Xem danh mục DCAT", "en": "See the DCAT catalogue"},
    "broken": {"vi": "Không kết xuất được", "en": "Cannot be exported"},
    "dataset": {"vi": "Bộ dữ liệu", "en": "Dataset"},
    "field": {"vi": "Trường", "en": "Field"},
    "value": {"vi": "Giá trị", "en": "Value"},
    "reason": {"vi": "Lý do", "en": "Reason"},
    "left_out": {
        "vi": "Những trường dưới đây không có thuộc tính nào trong bản kết xuất, nên cổng khác"
        " không nhận được. Có thể khai báo trường là một trường của nd47 bằng `nd47_field`,"
        " hoặc chuyển trường phụ bằng `ckan nd47 migrate`.",
        "en": "No property of the export stands for these fields, so other portals do not get them."
        " Declare a field as one of nd47's with `nd47_field`, or bring extras in with"
        " `ckan nd47 migrate`.",
    },
    "datasets": {"vi": "Số bộ dữ liệu", "en": "Datasets"},
}
REASONS: Mapping[str, str] = {
    "the IRI of another record": "Là định danh (IRI) của bản ghi khác, không được dùng",
    "characters that RDF cannot hold": "Có ký tự không được phép, đã bỏ hoặc mã hóa",
    "no such organisation": "Không có cơ quan này trên cổng",
    "not a checksum": "Không phải mã kiểm tra đã biết",
    "not a code of the vocabulary": "Không có trong danh mục mã",
    "not a group of subfields": "Không phải nhóm trường con",
    "not a known place": "Không phải địa bàn đã biết hay địa chỉ web",
    "not a legal RDF term": "RDF không chứa được giá trị này",
    "not a licence": "Không phải giấy phép của cổng hay địa chỉ web",
    "not a value for": "Sai dạng so với yêu cầu của trường",
    "a resource without id": "Tệp dữ liệu không có mã",
    "not an http": "Không phải địa chỉ http, https hoặc ftp",
    "not in the EU table": "Chưa có mã chuẩn; vẫn gửi tên đi",
}
"""Vietnamese translation of the reasons of problems, by the start of the reason."""

nd47_dcat_losses = Blueprint("nd47_dcat_losses", __name__, url_prefix="/ckan-admin/nd47-dcat")


nd47_dcat_losses.before_request(pages.require_sysadmin())


@nd47_dcat_losses.get("")
def index() -> str:
    """List the values that are not exported, by dataset and field."""
    return tk.render("nd47/dcat/losses.html", template_variables())


def template_variables() -> dict[str, Any]:
    """Return the variables of the template."""
    lang = http.language().partition("_")[0]
    losses: list[tuple[str, str, list[dict[str, str]]]] = []
    fields: list[left_out.LeftOut] = []
    if migrated.ready():
        fields = left_out.fields()
        losses = list(islice(maintenance.losses(), MAX_DATASETS + 1))
    entries = [
        {
            "name": name,
            "error": error,
            "problems": [
                {**problem, "reason": translated_reason(problem["reason"], lang)}
                for problem in problems
            ],
        }
        for name, error, problems in losses[:MAX_DATASETS]
    ]
    words = {key: text.get(lang, text["en"]) for key, text in TEXTS.items()}
    return {
        "words": words,
        "datasets": entries,
        "more": len(losses) > MAX_DATASETS,
        "left_out": fields[:MAX_DATASETS],
        "more_left_out": len(fields) > MAX_DATASETS,
    }


def translated_reason(reason: str, lang: str) -> str:
    """Return the reason of a problem in a language."""
    if lang != "vi":
        return reason
    return next((text for start, text in REASONS.items() if reason.startswith(start)), reason)


def nd47_dcat_losses_title() -> str:
    """Return the title of the page, for the administrator's menu."""
    lang = http.language().partition("_")[0]
    return TEXTS["title"].get(lang, TEXTS["title"]["en"])
