"""The run folder: secrets stay secret, ports give way, an interrupted write leaves no half file."""

from __future__ import annotations

import json
import socket
import stat
from pathlib import Path

import pytest

from dev.console import Stopped
from dev.local import run_folder


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(run_folder, "RUN", tmp_path)
    for variable, _ in run_folder.WEB_PORTS.values():
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


@pytest.fixture
def taken():
    """A port of the loopback address that somebody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_secret_stays_the_same():
    assert run_folder.secret("one") == run_folder.secret("one")


def test_secrets_differ_by_name():
    assert run_folder.secret("one") != run_folder.secret("two")


def test_secrets_file_is_readable_by_its_owner_alone(folder: Path):
    run_folder.secret("one")
    assert stat.S_IMODE((folder / "secrets.json").stat().st_mode) == 0o600


def test_private_file_replaces_a_readable_one_with_a_private_one(folder: Path):
    path = folder / "file"
    path.write_text("old")
    path.chmod(0o644)
    run_folder.write_private(path, "new")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o600)


def test_json_cut_off_in_writing_counts_as_missing(folder: Path):
    (folder / "half.json").write_text('{"a": ')
    assert run_folder.read_json(folder / "half.json") == {}


def test_default_port_that_is_taken_gives_way_and_says_so(
    monkeypatch: pytest.MonkeyPatch, taken: int, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setitem(run_folder.WEB_PORTS, "portal", ("ND47_PORT", taken))
    assert run_folder.choose_ports()["portal"] != taken
    assert f"port {taken} is taken" in capsys.readouterr().out


def test_asked_port_that_is_taken_stops(monkeypatch: pytest.MonkeyPatch, taken: int):
    monkeypatch.setenv("ND47_PORT", str(taken))
    with pytest.raises(Stopped, match=f"port {taken} on 127.0.0.1 is taken"):
        run_folder.choose_ports()


def test_port_that_is_no_number_stops(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ND47_PORT", "http")
    with pytest.raises(Stopped, match="not a port number"):
        run_folder.choose_ports()


def test_no_two_servers_get_one_port():
    chosen = list(run_folder.choose_ports().values())
    assert len(chosen) == len(set(chosen))


def test_step_is_done_only_with_the_same_input():
    run_folder.mark_done("step", "input")
    assert run_folder.is_done("step", "input")
    assert not run_folder.is_done("step", "other input")


def test_second_set_up_at_once_is_refused():
    with (
        run_folder.locked("portal"),
        pytest.raises(Stopped, match="another make"),
        run_folder.locked("portal"),
    ):
        pass


def test_lock_is_free_again_after_a_failure():
    with pytest.raises(ValueError, match="x"), run_folder.locked("portal"):
        raise ValueError("x")
    with run_folder.locked("portal"):
        pass


def test_variables_of_another_ckan_are_kept_from_the_portal(monkeypatch: pytest.MonkeyPatch):
    """The tests' own databases were once set up in place of the sample portal's."""
    monkeypatch.setenv("CKAN_SQLALCHEMY_URL", "postgresql://elsewhere")
    assert "CKAN_SQLALCHEMY_URL" not in run_folder.own_environment()
    assert "PATH" in run_folder.own_environment()


def test_what_stands_in_the_run_folder_is_its_owners_alone(folder: Path):
    (folder / "logs" / "setup").mkdir(parents=True)
    (folder / "services.log").write_text("a")
    (folder / "storage").mkdir()
    run_folder.make_run_folder()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"logs": 0o700, "services.log": 0o600, "storage": 0o700}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o711


def test_what_a_set_up_makes_is_its_owners_alone_too(folder: Path):
    with run_folder.locked("test"):
        (folder / "redis").mkdir()
    assert stat.S_IMODE((folder / "redis").stat().st_mode) == 0o700


def test_server_of_a_newer_release_gets_a_port_while_the_others_keep_theirs(folder: Path):
    chosen = run_folder.choose_ports()
    older = {name: port for name, port in chosen.items() if name != "plain"}
    run_folder.write_private(folder / "ports.json", json.dumps(older))
    found = run_folder.ports()
    assert found.items() >= older.items()
    assert found["plain"] not in older.values()
    assert run_folder.ports() == found
