"""Writes `docs/doctor.md` from the list of checks and their words."""

from __future__ import annotations

from collections.abc import Iterator

from ckanext.nd47.doctor.check import Needs
from ckanext.nd47.doctor.checks import CHECKS, GENERAL
from ckanext.nd47.doctor.finding import LANGUAGES, catalogue, interface, with_words
from dev.docs.markdown import table

COMMANDS = """\
```sh
ckan -c ckan.ini nd47 doctor                  # --jobs, --json, --lang
python -m ckanext.nd47.doctor ckan.ini        # the same options
```
"""

WORDS = {
    "title": {"vi": "# Chẩn đoán\n", "en": "# Doctor\n"},
    "made": {
        "vi": "Trang này do `make docs` viết từ danh sách các mục kiểm tra.\n",
        "en": "`make docs` writes this page from the list of checks.\n",
    },
    "about": {
        "vi": "Lệnh và trang quản trị `/ckan-admin/nd47-doctor` cho biết điều gì chưa ổn ở cổng, vì"
        " sao điều đó quan trọng, và dòng cần dán để sửa. Lệnh thứ nhất xem một cổng đang chạy;"
        " lệnh thứ hai dùng được cả khi cổng không khởi động và trước khi bật bộ phần mở rộng: nó"
        " tự đọc tệp cấu hình và biến môi trường, hỏi các dịch vụ, rồi mới thử khởi động cổng."
        " Tiện ích không sửa và không ghi gì; riêng `--jobs` giao thử cho tiến trình nền hai"
        " việc và chờ, mỗi việc nhiều nhất 15 giây. Mật khẩu trong địa chỉ không hiện ra.\n",
        "en": "The commands and the administrator's page `/ckan-admin/nd47-doctor` show what is"
        " wrong with the portal, why it matters, and the line to paste that corrects it. The first"
        " command checks a running portal; the second also works if the portal does not start, and"
        " before the suite is enabled: it reads the configuration file and the environment by"
        " itself, checks the services, and only then tries to start the portal. Nothing is changed"
        " or written; only `--jobs` enqueues two test jobs for the workers and waits at most 15"
        " seconds for each. Passwords in addresses are never shown.\n",
    },
    "codes": {
        "vi": "Mã thoát: 0 không có gì phải sửa, 1 có điều phải sửa, 2 không đọc được tệp cấu"
        " hình. Dùng được làm kiểm tra sức khỏe của container.\n",
        "en": "Exit code: 0 no errors, 1 errors, 2 the configuration file cannot be read. It can be"
        " used as the health check of a container.\n",
    },
    "failed": {
        "vi": "Một mục kiểm tra bị lỗi thành phát hiện `check-failed`, các mục khác vẫn chạy.\n",
        "en": "A check that fails becomes the finding `check-failed`; the others still run.\n",
    },
    "heads": {
        "vi": "Phát hiện|Mức|Chắc chắn|Là gì|Vì sao|Cách sửa",
        "en": "Finding|Level|Certainty|What|Why|Remedy",
    },
    Needs.CONFIGURATION.value: {
        "vi": "## Từ cấu hình\n",
        "en": "## From the configuration\n",
    },
    Needs.SERVICES.value: {"vi": "## Từ các dịch vụ\n", "en": "## From the services\n"},
    Needs.DATABASE.value: {"vi": "## Từ cơ sở dữ liệu\n", "en": "## From the database\n"},
    Needs.STARTED.value: {
        "vi": "## Từ cổng đã khởi động\n",
        "en": "## From the portal once it has started\n",
    },
    Needs.WORKERS.value: {"vi": "## Với `--jobs`\n", "en": "## With `--jobs`\n"},
    "general": {"vi": "## Về chính việc kiểm tra\n", "en": "## Of the checks themselves\n"},
}


def markdown() -> str:
    """Return the page, first in Vietnamese, then in English."""
    return "\n".join(line for lang in LANGUAGES for line in _chapter(lang)).rstrip() + "\n"


def _chapter(lang: str) -> Iterator[str]:
    yield WORDS["title"][lang]
    yield WORDS["made"][lang]
    yield COMMANDS
    for paragraph in ("about", "codes", "failed"):
        yield WORDS[paragraph][lang]
    for needs in Needs:
        yield WORDS[needs.value][lang]
        ids = [finding_id for check in CHECKS if check.needs is needs for finding_id in check.finds]
        yield from _table(ids, lang)
    yield WORDS["general"][lang]
    yield from _table(GENERAL, lang)


def _table(ids: list[str] | tuple[str, ...], lang: str) -> Iterator[str]:
    yield from table(
        WORDS["heads"][lang].split("|"), (_row(finding_id, lang) for finding_id in ids)
    )


def _row(finding_id: str, lang: str) -> list[str]:
    words, messages = catalogue()[finding_id], interface(lang)
    remedy = with_words(words["remedy"], lang).replace("{{", "{").replace("}}", "}")
    return [
        f"`{finding_id}`",
        messages[words["severity"]],
        messages["sure" if words["sure"] else "suspected"],
        words["what"][lang],
        words["why"][lang],
        "<br>".join(f"`{line}`" for line in remedy.strip().splitlines()),
    ]
