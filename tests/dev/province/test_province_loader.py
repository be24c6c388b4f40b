"""Loading the sample province, against a stand-in for the portal's API."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
import requests
import responses

from dev.province import LoadError, Province, load, province
from dev.province.__main__ import main

URL = "http://portal.example"
ACTION = re.compile(rf"{URL}/api/3/action/(\w+)")
DRAFT = "lich-lay-nuoc-do-ai-vu-dong-xuan"
PRIVATE = "du-thao-quy-hoach-phan-khu-do-thi"
PUBLISHED = "danh-muc-cong-trinh-thuy-loi-2025"


@dataclass
class Portal:
    """Keeps what the loader sends, as far as the loader looks at it again."""

    organisations: list[str] = field(default_factory=list)
    focal_points: list[tuple[str, str]] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    members: list[dict[str, str]] = field(default_factory=list)
    leaders: list[dict[str, str]] = field(default_factory=list)
    plugins: list[str] = field(default_factory=lambda: ["nd47_desk", "nd47"])
    datasets: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    fail: dict[str, tuple[int, Any]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        found = ACTION.fullmatch(str(request.url))
        assert found
        arguments = _arguments(request)
        self.tokens.add(request.headers["Authorization"])
        self.calls.append((found[1], arguments))
        if found[1] in self.fail:
            status, error = self.fail[found[1]]
            body = json.dumps({"success": False, "error": error}) if error else "<h1>no</h1>"
            return status, {}, body
        try:
            result = getattr(self, found[1])(**arguments)
        except KeyError:
            error = {"__type": "Not Found Error", "message": "Not found"}
            return 404, {}, json.dumps({"success": False, "error": error})
        return 200, {}, json.dumps({"success": True, "result": result})

    def names(self) -> list[str]:
        """The actions called, in order."""
        return [name for name, _ in self.calls]

    def organization_list(self, limit: int) -> list[str]:
        return self.organisations[:limit]

    def organization_create(self, name: str, groups: Any = (), **_: Any) -> None:
        assert all(group["name"] in self.organisations for group in groups)
        self.organisations.append(name)

    def nd47_focal_point_list(self, agency: str, all_terms: bool) -> dict[str, Any]:
        assert all_terms
        return {"results": [{"role": role} for name, role in self.focal_points if name == agency]}

    def nd47_focal_point_create(self, agency: str, role: str, **_: str) -> None:
        assert agency in self.organisations
        self.focal_points.append((agency, role))

    def user_show(self, id: str) -> dict[str, str]:
        if id not in self.users:
            raise KeyError(id)
        return {"name": id}

    def user_create(self, name: str, password: str, **_: Any) -> None:
        assert len(password) > 20
        self.users.append(name)

    def organization_member_create(self, **member: str) -> None:
        self.members.append(member)

    def status_show(self) -> dict[str, Any]:
        return {"extensions": self.plugins}

    def nd47_account_role_grant(self, **role: str) -> None:
        assert "nd47_desk" in self.plugins
        self.leaders.append(role)

    def package_show(self, id: str) -> dict[str, Any]:
        return self.datasets[id]

    def package_create(self, name: str, resources: Any, **fields: Any) -> dict[str, Any]:
        numbered = [{"id": f"{name}/{n}", **r} for n, r in enumerate(resources)]
        self.datasets[name] = {"id": name, "name": name, "resources": numbered, **fields}
        return self.datasets[name]

    def package_revise(self, match__id: str, **changes: str) -> None:
        for path, content in changes.items():
            target = self.datasets[match__id]
            *way, last = path.removeprefix("update__").split("__")
            if way:
                target = next(r for r in target["resources"] if r["id"] == way[1])
            target["size" if last == "upload" else last] = content

    def package_patch(self, id: str, **fields: Any) -> None:
        self.datasets[id].update(fields)


def _arguments(request: requests.PreparedRequest) -> dict[str, Any]:
    """Read a JSON body, or the fields and files of a form; a file counts by its length."""
    body = request.body
    assert isinstance(body, bytes)
    if request.headers["Content-Type"] == "application/json":
        return json.loads(body)
    boundary = request.headers["Content-Type"].split("boundary=")[1].encode()
    found: dict[str, Any] = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        head, content = part[2:-2].split(b"\r\n\r\n", 1)  # without the line ends of the border
        name = re.search(rb' name="([^"]+)"', head)
        assert name
        is_file = b"filename=" in head
        assert not is_file or re.search(rb'filename="[a-z0-9.-]+"\r\nContent-Type: \w', head)
        found[name[1].decode()] = len(content) if is_file else content.decode()
    return found


@pytest.fixture
def portal():
    stand_in = Portal()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_callback(responses.POST, ACTION, stand_in.answer)
        yield stand_in


@pytest.fixture(scope="module")
def content() -> Province:
    whole = province(today=date(2026, 11, 22))
    chosen = [d for d in whole.datasets if d.name in {DRAFT, PRIVATE, PUBLISHED}]
    return replace(whole, datasets=tuple(chosen))


class TestFreshPortal:
    def test_everything_is_created_once(self, portal, content):
        summary = load(URL, "token", content=content)
        assert summary.organisations_created == len(content.organisations)
        assert summary.datasets_created == 3
        assert summary.files_uploaded == sum(len(d.files) for d in content.datasets)
        assert portal.organisations == [o.name for o in content.organisations]
        named = [
            (o.name, focal_point["role"])
            for o in content.organisations
            for focal_point in o.focal_points
        ]
        assert portal.focal_points == named

    def test_a_dataset_is_published_together_with_its_files(self, portal, content):
        load(URL, "token", content=content)
        about = [
            (name, arguments)
            for name, arguments in portal.calls
            if PUBLISHED in {arguments.get(k) for k in ("name", "id", "match__id")}
        ]
        assert [name for name, _ in about] == ["package_show", "package_create", "package_revise"]
        assert about[1][1]["state"] == "draft"
        assert about[2][1]["update__state"] == "active"

    def test_every_file_arrives_whole(self, portal, content):
        load(URL, "token", content=content)
        for dataset in content.datasets:
            sizes = [r["size"] for r in portal.datasets[dataset.name]["resources"]]
            assert sizes == [len(file.build()) for file in dataset.files]

    def test_states_are_as_the_content_says(self, portal, content):
        load(URL, "token", content=content)
        assert portal.datasets[PUBLISHED]["state"] == "active"
        assert portal.datasets[PRIVATE]["state"] == "active"
        assert portal.datasets[PRIVATE]["private"] is True
        assert portal.datasets[DRAFT]["state"] == "draft"

    def test_the_editor_may_edit_one_department(self, portal, content):
        summary = load(URL, "token", content=content)
        assert summary.editor_created
        assert portal.members == [
            {"id": "so-khoa-hoc-va-cong-nghe", "username": "canbo", "role": "editor"}
        ]

    def test_the_leader_leads_the_province(self, portal, content):
        assert load(URL, "token", content=content).leader_created
        assert portal.leaders == [{"agency": "ubnd-tinh-vinh-khue", "user": "lanhdao"}]

    def test_a_portal_without_the_work_list_gets_no_leader(self, portal, content):
        portal.plugins = ["nd47"]
        assert not load(URL, "token", content=content).leader_created
        assert portal.leaders == []
        assert "lanhdao" not in portal.users

    def test_an_account_that_is_there_is_not_made_again(self, portal, content):
        portal.users += ["canbo", "lanhdao"]
        summary = load(URL, "token", content=content)
        assert not summary.editor_created
        assert not summary.leader_created
        assert "user_create" not in portal.names()
        assert len(portal.members) == 1

    def test_progress_counts_up_to_its_total(self, portal, content):
        steps: list[tuple[int, int, str]] = []
        load(URL, "token", content=content, report=lambda *step: steps.append(step))
        total = len(content.organisations) + 2 + 3
        assert [(done, of) for done, of, _ in steps] == [(i, total) for i in range(1, total + 1)]

    def test_only_limits_the_number_of_datasets(self, portal, content):
        assert load(URL, "token", content=content, only=1).datasets_created == 1


class TestSecondLoad:
    def test_nothing_is_made_twice(self, portal, content):
        load(URL, "token", content=content)
        portal.calls.clear()
        summary = load(URL, "token", content=content)
        assert summary.datasets_unchanged == 3
        assert summary.files_uploaded == 0
        made = {"organization_create", "user_create", "package_create", "package_revise"}
        assert not {*made, "nd47_focal_point_create"} & set(portal.names())

    def test_a_focal_point_that_was_not_named_any_more_is(self, portal, content):
        load(URL, "token", content=content)
        named = list(portal.focal_points)
        del portal.focal_points[1:]
        load(URL, "token", content=content)
        assert portal.focal_points == named

    def test_an_interrupted_dataset_gets_its_missing_files_and_is_published(self, portal, content):
        load(URL, "token", content=content)
        dataset = portal.datasets[PUBLISHED]
        dataset["state"] = "draft"
        for resource in dataset["resources"][1:]:
            del resource["size"]
        summary = load(URL, "token", content=content)
        assert (summary.datasets_completed, summary.files_uploaded) == (1, 2)
        assert dataset["state"] == "active"
        assert all(resource["size"] for resource in dataset["resources"])

    def test_a_dataset_that_lacks_only_publication_is_published(self, portal, content):
        load(URL, "token", content=content)
        portal.datasets[PUBLISHED]["state"] = "draft"
        summary = load(URL, "token", content=content)
        assert (summary.datasets_completed, summary.files_uploaded) == (1, 0)
        assert portal.datasets[PUBLISHED]["state"] == "active"

    def test_a_draft_that_lacks_a_file_stays_a_draft(self, portal, content):
        load(URL, "token", content=content)
        del portal.datasets[DRAFT]["resources"][0]["size"]
        assert load(URL, "token", content=content).files_uploaded == 1
        assert portal.datasets[DRAFT]["state"] == "draft"

    def test_what_a_user_deleted_stays_deleted(self, portal, content):
        load(URL, "token", content=content)
        portal.datasets[PUBLISHED]["state"] = "deleted"
        summary = load(URL, "token", content=content)
        assert summary.datasets_deleted_by_users == 1
        assert portal.datasets[PUBLISHED]["state"] == "deleted"

    def test_a_file_that_a_user_removed_from_a_published_dataset_stays_removed(
        self, portal, content
    ):
        load(URL, "token", content=content)
        portal.datasets[PUBLISHED]["resources"].pop()
        assert load(URL, "token", content=content).files_uploaded == 0


class TestErrors:
    def test_a_validation_error_names_dataset_field_and_message(self, portal, content):
        portal.fail["package_create"] = (
            409,
            {
                "__type": "Validation Error",
                "contact": [{"email": ["Not an e-mail address"]}],
                "frequency": ["Unknown code"],
            },
        )
        with pytest.raises(LoadError) as caught:
            load(URL, "token", content=content)
        message = str(caught.value)
        assert content.datasets[0].name in message
        assert "contact[1].email: Not an e-mail address" in message
        assert "frequency: Unknown code" in message
        assert "__type" not in message

    def test_a_refused_file_is_told_by_its_number(self, portal, content):
        errors = {"resources": [{}, {"upload": ["File upload too large"]}]}
        portal.fail["package_revise"] = 409, {"__type": "Validation Error", **errors}
        with pytest.raises(LoadError, match=r"resources\[2\]\.upload: File upload too large"):
            load(URL, "token", content=content)

    def test_a_token_without_rights_is_said_to_lack_them(self, portal, content):
        portal.fail["organization_create"] = 403, {"__type": "Authorization Error"}
        with pytest.raises(LoadError, match="must be a sysadmin's"):
            load(URL, "token", content=content)

    @pytest.mark.parametrize("status", [302, 404, 500, 502])
    def test_a_server_that_is_no_ckan_is_said_to_be_none(self, portal, content, status):
        portal.fail["organization_list"] = status, None
        with pytest.raises(LoadError, match=f"status {status} and no CKAN message"):
            load(URL, "token", content=content)

    def test_a_missing_page_is_not_taken_for_a_missing_dataset(self, portal, content):
        """A proxy's 404 would otherwise make the loader create what is there."""
        portal.fail["package_show"] = 404, None
        with pytest.raises(LoadError, match="no CKAN message"):
            load(URL, "token", content=content)
        assert "package_create" not in portal.names()

    @pytest.mark.sockets
    def test_a_portal_that_does_not_answer_is_named(self, content):
        with pytest.raises(LoadError, match=r"127\.0\.0\.1:9 does not answer"):
            load("http://127.0.0.1:9", "token", content=content)


class TestCommand:
    @pytest.fixture
    def token_file(self, tmp_path):
        path = tmp_path / "token"
        path.write_text("secret\n", encoding="utf-8")
        return str(path)

    def test_says_what_was_done(self, portal, token_file, capsys):
        assert main(["--url", URL, "--token-file", token_file, "--only", "1"]) == 0
        assert "1 datasets created with 3 files" in capsys.readouterr().out

    def test_sends_the_token_without_the_line_end(self, portal, token_file):
        main(["--url", URL, "--token-file", token_file, "--only", "0"])
        assert portal.tokens == {"secret"}

    def test_ends_with_an_error_on_standard_error(self, portal, token_file, capsys):
        portal.fail["organization_list"] = 500, None
        assert main(["--url", URL, "--token-file", token_file]) == 1
        assert "status 500" in capsys.readouterr().err

    def test_refuses_a_missing_or_empty_token_file(self, tmp_path, capsys):
        empty = tmp_path / "empty"
        empty.touch()
        assert main(["--url", URL, "--token-file", str(empty)]) == 2
        assert main(["--url", URL, "--token-file", str(tmp_path / "none")]) == 2
        error = capsys.readouterr().err
        assert "is empty" in error
        assert "cannot read" in error
