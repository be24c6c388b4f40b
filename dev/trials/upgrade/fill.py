"""Fill a portal with what an upgrade may lose; runs on CKAN 2.11.

`python -m dev.trials.upgrade.fill INI` prints as JSON what only its maker knows: the password of
the users, and the API token of one.
"""

from __future__ import annotations

import io
import json
import secrets
import sys
from typing import Any

from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.lib.search import commit
from ckan.types import Context

AGENCIES = ("Sở Y tế", "Sở Giáo dục và Đào tạo", "Sở Nông nghiệp và Môi trường")
DATASETS = 24
EVERY_PRIVATE, EVERY_DRAFT, EVERY_DELETED, EVERY_TABLE = 7, 11, 13, 4
USERS = ("quantri", "canbo1", "canbo2")
TABLE = "Xã,Số dân\nKỳ Lâm,8123\nNậm Khuê,5410\n"


def act(action: str, **data: Any) -> Any:
    """Call an action as the system administrator."""
    return tk.get_action(action)(Context(ignore_auth=True, user=USERS[0]), data)


def users(password: str) -> None:
    """Make the users; the first becomes a system administrator."""
    context = Context(ignore_auth=True, user="")
    for name in USERS:
        facts = {"name": name, "email": f"{name}@vinhkhue.example", "password": password}
        tk.get_action("user_create")(
            context.copy(), {**facts, "fullname": f"Nguyễn Văn {name[-1].upper()}"}
        )
    first = model.User.get(USERS[0])
    assert first is not None  # noqa: S101 - it was made above
    first.sysadmin = True
    model.repo.commit()


def agencies() -> list[str]:
    """Make the organisations, with extras and members, and a group; return their identifiers."""
    ids = []
    for number, title in enumerate(AGENCIES):
        extras = [
            {"key": "ma_dinh_danh", "value": f"H35.{number:02}"},
            {"key": "nguoi_lien_he", "value": "Nguyễn Văn A - 0912 345 678"},
        ]
        name = f"co-quan-{number}"
        ids.append(act("organization_create", name=name, title=title, extras=extras)["id"])
        act("organization_member_create", id=name, username=USERS[1], role="editor")
    extras = [{"key": "thu_tu", "value": "1"}]
    act("group_create", name="y-te", title="Y tế", extras=extras)
    return ids


def dataset(number: int, owner: str) -> None:
    """Make a dataset with extras, keywords, an uploaded file and an address."""
    name = f"bo-du-lieu-{number}"
    extras = [
        {"key": "Tần suất cập nhật", "value": "Hằng năm"},
        {"key": "lien_he", "value": f"Trần Thị {number}; 0238 3 844 {number:03}"},
        {"key": "spatial_text", "value": '100 % {tỉnh} \\ "Vĩnh Khuê"'},
    ]
    act(
        "package_create",
        name=name,
        title=f"Bảng số liệu {number}",
        notes="Số liệu **hằng năm** của tỉnh.",
        owner_org=owner,
        private=number % EVERY_PRIVATE == 0,
        state="draft" if number % EVERY_DRAFT == 0 else "active",
        license_id="cc-by",
        extras=extras,
        tags=[{"name": "y tế"}, {"name": f"năm {2000 + number}"}],
        groups=[{"name": "y-te"}] if number % 2 else [],
    )
    upload = FileStorage(io.BytesIO(TABLE.encode()), f"Số liệu {number}.csv")
    act("resource_create", package_id=name, name="Tệp", format="CSV", upload=upload)
    linked = act("resource_create", package_id=name, name="Liên kết", url="https://a.example/b.txt")
    if number % EVERY_TABLE == 0:
        rows = [{"Xã": "Kỳ Lâm", "Số dân": 8123}, {"Xã": "Nậm Khuê", "Số dân": 5410}]
        act("datastore_create", resource_id=linked["id"], records=rows, force=True)
    # An edit, so that there is activity, and an extra that was removed again.
    act("package_patch", id=name, version="2", extras=extras[:2])
    if number % EVERY_DELETED == 0:
        act("package_delete", id=name)


def fill() -> dict[str, str]:
    """Make everything; return the password and the token."""
    password = secrets.token_urlsafe(12)
    users(password)
    owners = agencies()
    for number in range(1, DATASETS + 1):
        dataset(number, owners[number % len(owners)])
    act(
        "harvest_source_create",
        name="nguon-so-y-te",
        title="Cổng của Sở Y tế",
        url="https://du-lieu.example",
        source_type="ckan",
        frequency="WEEKLY",
        owner_org=owners[0],
    )
    source = act("harvest_source_show", id="nguon-so-y-te")
    act("harvest_job_create", source_id=source["id"], run=False)
    act("follow_dataset", id="bo-du-lieu-1")
    # The configuration leaves it to us: a commit for each save takes most of the time.
    commit()
    token = act("api_token_create", user=USERS[0], name="tích hợp")["token"]
    return {"password": password, "token": token, "user": USERS[0]}


if __name__ == "__main__":
    app = make_app(load_config(sys.argv[1]))
    # The command line of CKAN reaches the Flask application the same way.
    with app._wsgi_app.test_request_context():  # pyright: ignore[reportAttributeAccessIssue]
        json.dump(fill(), sys.stdout)
