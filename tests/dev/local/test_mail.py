"""The mail catcher: what is sent to it can be read in the browser, and nowhere else."""

from __future__ import annotations

import smtplib
import subprocess
import time
from collections.abc import Iterator
from email.message import EmailMessage
from mailbox import Maildir
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from dev.local import mail, mail_page, run_folder

HTML = "<html><head></head><body><script>window.x=1</script><p>Nội dung</p></body></html>"


def message(subject: str = "Việc cần làm") -> EmailMessage:
    one = EmailMessage()
    one["Subject"], one["From"], one["To"] = subject, "cong@tinh.example", "canbo@tinh.example"
    one["Date"] = "Mon, 01 Mar 2027 08:00:00 +0700"
    one.set_content("Phần văn bản", cte="base64")
    one.add_alternative(HTML, subtype="html", cte="base64")
    return one


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MAIL_FOLDER", str(tmp_path / "mail"))
    return tmp_path / "mail"


@pytest.fixture
def page(folder: Path) -> FlaskClient:
    return mail_page.application.test_client()


def read(page: FlaskClient, path: str) -> str:
    reply = page.get(path, base_url="http://127.0.0.1:1234")
    assert reply.status_code == 200  # noqa: PLR2004
    return reply.get_data(as_text=True)


def test_without_messages_there_is_an_empty_list(page: FlaskClient) -> None:
    assert "0 messages" in read(page, "/")


def test_messages_are_listed_and_can_be_read(page: FlaskClient, folder: Path) -> None:
    key = Maildir(folder).add(message())
    listed = BeautifulSoup(read(page, "/"), "html.parser")
    assert [link.get_text() for link in listed.select("td a")] == ["Việc cần làm"]
    shown = read(page, f"/{key}")
    assert "Phần văn bản" in shown
    assert "canbo@tinh.example" in shown
    assert "Nội dung" in read(page, f"/{key}/html")
    assert "Subject:" in read(page, f"/{key}/source")


def test_html_runs_and_loads_nothing(page: FlaskClient, folder: Path) -> None:
    key = Maildir(folder).add(message())
    policy = page.get(f"/{key}/html", base_url="http://127.0.0.1").headers[
        "Content-Security-Policy"
    ]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    frame = BeautifulSoup(read(page, f"/{key}"), "html.parser").select_one("iframe")
    assert frame is not None
    assert "allow-scripts" not in frame["sandbox"]


def test_markup_in_a_subject_stays_text(page: FlaskClient, folder: Path) -> None:
    key = Maildir(folder).add(message("<b>x</b>"))
    for path in ("/", f"/{key}"):
        assert "<b>x</b>" not in read(page, path)


@pytest.mark.parametrize("key", ["khong-co", "..", "%2e%2e%2fsecrets.json", "a/../../b"])
def test_no_other_file_is_read(page: FlaskClient, folder: Path, key: str) -> None:
    Maildir(folder).add(message())
    assert page.get(f"/{key}/source", base_url="http://localhost").status_code == 404  # noqa: PLR2004


def test_a_site_that_leads_here_is_refused(page: FlaskClient) -> None:
    assert page.get("/", base_url="http://xau.example").status_code == 403  # noqa: PLR2004


@pytest.fixture
def catcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The mail server as the supervisor starts it, in a run folder of its own."""
    monkeypatch.setattr(run_folder, "RUN", tmp_path)
    monkeypatch.setattr(mail, "FOLDER", tmp_path / "mail")
    receive, _ = mail.programs()
    process = subprocess.Popen(list(map(str, receive.command)))
    yield tmp_path / "mail"
    process.terminate()
    process.wait(timeout=30)


@pytest.mark.sockets
def test_what_is_sent_is_stored(catcher: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host, _, port = mail.server().partition(":")
    for _ in range(100):
        try:
            with smtplib.SMTP(host, int(port)) as connection:
                connection.send_message(message())
            break
        except ConnectionRefusedError:
            time.sleep(0.1)
    monkeypatch.setenv("MAIL_FOLDER", str(catcher))
    assert "Việc cần làm" in read(mail_page.application.test_client(), "/")
