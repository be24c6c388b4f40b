"""`ckan nd47 vocabulary`."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from ckanext.nd47.metadata.vocabularies.cli import vocabulary_commands


@pytest.fixture
def run():
    def invoke(*arguments: str):
        return CliRunner().invoke(vocabulary_commands, arguments)

    return invoke


def test_list_names_every_list_and_its_origin(run):
    result = run("list")
    assert result.exit_code == 0
    (line,) = [line for line in result.output.splitlines() if line.startswith("province-old")]
    assert line.split()[1:4] == ["63", "package", "unverified"]


def test_list_as_json_has_the_number_of_rows(run):
    heads = {row["id"]: row for row in json.loads(run("list", "--json").output)}
    assert heads["province"]["terms"] == 34


def test_show_gives_rows_in_the_language_asked_for(run):
    assert "Hằng năm" in run("show", "frequency").output
    assert "Annual" in run("show", "frequency", "--lang", "en").output


def test_show_as_json_is_what_the_portal_serves(run):
    data = json.loads(run("show", "frequency", "--json").output)
    assert data["terms"][0]["code"] == "thoi-gian-thuc"


def test_show_of_an_unknown_list_says_where_to_look(run):
    result = run("show", "no-such-list")
    assert result.exit_code == 1
    assert "vocabulary list" in result.output


def test_check_is_content_with_the_package(run):
    result = run("check")
    assert result.exit_code == 0
    assert "sound" in result.output


def test_check_fails_and_names_the_file(run, tmp_path, ckan_config):
    ckan_config["ckanext.nd47.vocabulary_folder"] = str(tmp_path)
    (tmp_path / "frequency.yaml").write_text("id: frequency\n", encoding="utf-8")
    result = run("check")
    assert result.exit_code == 1
    assert "frequency.yaml" in result.output


def test_diff_of_the_package_is_empty(run):
    assert "No list differs" in run("diff").output


def test_diff_names_the_rows(run, tmp_path, ckan_config):
    ckan_config["ckanext.nd47.vocabulary_folder"] = str(tmp_path)
    (tmp_path / "frequency.yaml").write_text(
        "id: frequency\ntitle: {vi: a, en: b}\nsource: c\nstatus: design\nmerge: true\nterms:\n"
        "- {code: moi-vu, label: {vi: Mỗi vụ, en: Each crop}, status: design}\n",
        encoding="utf-8",
    )
    assert run("diff").output.splitlines() == ["frequency (merged)", "  added moi-vu"]


def test_diff_of_an_unknown_list_fails(run):
    assert run("diff", "no-such-list").exit_code == 1
