"""The administrator's page of what the export had to leave out: `/ckan-admin/nd47-dcat`."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from flask import Blueprint

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import migrated
from ckanext.nd47.dcat.store import left_out, maintenance
from ckanext.nd47.lib import http

SHOWN = 200
"""Datasets on the page; `ckan nd47 dcat check` lists all."""

WORDS: Mapping[str, Mapping[str, str]] = {
    "title": {"vi": "Bản kết xuất DCAT", "en": "DCAT export"},
    "intro": {
        "vi": "Những giá trị dưới đây không có trong bản kết xuất, hoặc đã được sửa cho đúng dạng."
        " Bộ dữ liệu vẫn được kết xuất với các giá trị còn lại. Hãy sửa trong biểu mẫu của bộ dữ"
        " liệu.",
        "en": "These values are not in the export, or were mended. The datasets are exported with"
        " all their other values. Mend them in the form of the dataset.",
    },
    "none": {
        "vi": "Mọi giá trị của mọi bộ dữ liệu công khai đều được kết xuất.",
        "en": "Every value of every public dataset is exported.",
    },
    "more": {
        "vi": "Còn nữa: lệnh `ckan nd47 dcat check` liệt kê tất cả.",
        "en": "There are more: the command `ckan nd47 dcat check` lists all.",
    },
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
"""Vietnamese of each reason that the export gives, by how it starts."""

nd47_dcat_losses = Blueprint("nd47_dcat_losses", __name__, url_prefix="/ckan-admin/nd47-dcat")


@nd47_dcat_losses.before_request
def only_sysadmins() -> None:
    """Let nobody in but system administrators."""
    try:
        tk.check_access("sysadmin", {})
    except tk.NotAuthorized:
        tk.abort(403, tk._("Need to be system administrator to administer"))


@nd47_dcat_losses.get("")
def index() -> str:
    """Show what is left out, by dataset and field."""
    return tk.render("nd47/dcat/losses.html", facts())


def facts() -> dict[str, Any]:
    """Return the variables of the page."""
    lang = http.language().partition("_")[0]
    found: list[tuple[str, str, list[dict[str, str]]]] = []
    fields: list[left_out.LeftOut] = []
    if migrated.ready():
        fields = left_out.fields()
        found = list(islice(maintenance.losses(), SHOWN + 1))
    entries = [
        {
            "name": name,
            "error": error,
            "problems": [{**one, "reason": reason(one["reason"], lang)} for one in problems],
        }
        for name, error, problems in found[:SHOWN]
    ]
    words = {key: text.get(lang, text["en"]) for key, text in WORDS.items()}
    return {
        "words": words,
        "datasets": entries,
        "more": len(found) > SHOWN,
        "left_out": fields[:SHOWN],
        "more_left_out": len(fields) > SHOWN,
    }


def reason(text: str, lang: str) -> str:
    """Return why a value was left out, in a language."""
    if lang != "vi":
        return text
    return next((words for start, words in REASONS.items() if text.startswith(start)), text)


def nd47_dcat_losses_title() -> str:
    """Return what the page is called, for the administrator's menu."""
    lang = http.language().partition("_")[0]
    return WORDS["title"].get(lang, WORDS["title"]["en"])
