"""Reports add up what is so, for the agencies that an account answers for."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import zipfile
from typing import Any

import docx
import openpyxl
import pytest
import sqlalchemy as sa
from freezegun import freeze_time
from sqlalchemy import exc

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.catalogue.reports import model as tables
from ckanext.nd47.catalogue.reports.data import figures, period, snapshot
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.vocabularies import vocabulary
from tests.catalogue.reports.conftest import Create, World, measure, month_ago, used
from tests.support.statements import statements

pytestmark = pytest.mark.usefixtures("world")


def report(world: World, account: str = "sysadmin", **data: Any) -> dict[str, Any]:
    return world.call(account, "nd47_report_show", **data)


def row(found: dict[str, Any], agency: dict[str, Any]) -> dict[str, Any]:
    return next(one["figures"] for one in found["rows"] if one["key"] == agency["id"])


class TestFigures:
    def test_public_datasets_are_counted_by_agency(self, world: World, create: Create):
        create()
        create("foreign")
        create("foreign", private=True)
        found = report(world)
        assert found["total"]["datasets"] == 2
        assert row(found, world.agencies["own"])["datasets"] == 1
        assert row(found, world.agencies["foreign"])["datasets"] == 1

    def test_overdue_updates_and_those_in_time(self, world: World, create: Create, overdue: Create):
        overdue()
        create(frequency="hang-nam", modified=dates.today().isoformat())
        create()
        measure()
        total = report(world)["total"]
        assert (total["periodic"], total["in_time"], total["overdue"]) == (2, 1, 1)

    def test_formats_and_services(self, world: World, create: Create):
        create(resources=[{"url": "https://so.example/a.csv", "format": "CSV"}])
        create(resources=[{"url": "https://so.example/a.pdf", "format": "PDF"}])
        create(
            resources=[
                {
                    "url": "https://so.example/api",
                    "format": "JSON",
                    "publication_method": "dich-vu-chia-se",
                }
            ]
        )
        measure()
        total = report(world)["total"]
        assert (total["has_api"], total["machine_readable"]) == (1, 2)

    def test_quality_that_is_to_be_improved_and_what_is_late(self, world: World, create: Create):
        past = (dates.today() - dt.timedelta(days=1)).isoformat()
        create(quality_plan=[{"state": "can-hoan-thien", "deadline": past}])
        create(quality_plan=[{"state": "dang-hoan-thien"}])
        create(quality_plan=[{"state": "dat-yeu-cau"}])
        measure()
        total = report(world)["total"]
        assert (total["quality_open"], total["quality_late"]) == (2, 1)

    def test_use_in_the_period_alone_counts(self, world: World, create: Create):
        dataset = create()
        used(dataset, dates.today(), views=3, downloads=2, api_calls=1, robot_views=7)
        used(dataset, month_ago(1), views=100)
        total = report(world)["total"]
        assert (total["views"], total["downloads"], total["api_calls"]) == (3, 2, 1)
        assert total["robot_views"] == 7

    def test_the_use_of_a_purged_dataset_is_not_lost(self, world: World, create: Create):
        dataset = create()
        used(dataset, dates.today(), views=3)
        call_action("dataset_purge", id=dataset["id"])
        assert report(world)["total"]["views"] == 3

    def test_a_dataset_of_two_fields_counts_in_both_and_once_in_all(
        self, world: World, create: Create
    ):
        codes = [term["code"] for term in _fields()[:2]]
        create(theme=codes)
        create()
        measure()
        found = report(world, group="field")
        numbers = {one["key"]: one["figures"]["datasets"] for one in found["rows"]}
        assert numbers == {codes[0]: 1, codes[1]: 1, "": 1}
        assert found["total"]["datasets"] == 2

    def test_filters_of_agency_field_and_class(self, world: World, create: Create):
        code = _fields()[0]["code"]
        create(theme=[code])
        create("foreign", sharing_class="du-lieu-dung-chung")
        measure()
        own = world.agencies["own"]["name"]
        assert report(world, agency=own)["total"]["datasets"] == 1
        assert report(world, field=code)["total"]["datasets"] == 1
        assert report(world, kind="du-lieu-dung-chung")["total"]["datasets"] == 1

    def test_many_datasets_take_as_many_statements_as_one(self, world: World, create: Create):
        numbers = []
        for agencies in (["own"], ["own", "foreign", "below", "province"]):
            for agency in agencies:
                create(agency)
            measure()
            with statements() as sent:
                report(world)
            numbers.append(len(sent))
        assert numbers[0] == numbers[1] <= 15

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("period", "2026-13"),
            ("period", "khong"),
            ("period", "2099"),
            ("group", "nguoi"),
            ("field", "khong-co"),
            ("kind", "khong-co"),
        ],
    )
    def test_wrong_parameters_are_refused_by_name(self, world: World, name, value):
        with pytest.raises(tk.ValidationError) as error:
            report(world, **{name: value})
        assert name in error.value.error_dict

    def test_a_period_of_which_nothing_was_stored_is_not_found(self, world: World):
        with pytest.raises(tk.ObjectNotFound):
            report(world, period="2024-05")


def _fields() -> list[dict[str, Any]]:
    return [{"code": term.code} for term in vocabulary.get(vocabulary.FIELD)]


class TestAccess:
    @pytest.mark.parametrize("account", ["stranger", "member", "editor"])
    def test_others_are_refused(self, world: World, account):
        with pytest.raises(tk.NotAuthorized):
            report(world, account)

    def test_an_administrator_sees_the_own_agency(self, world: World, create: Create):
        create()
        create("below")
        create("foreign")
        assert report(world, "admin")["total"]["datasets"] == 1

    def test_a_leader_sees_the_agencies_below_too(self, world: World, create: Create):
        create()
        create("below")
        create("foreign")
        assert report(world, "leader")["total"]["datasets"] == 2

    @pytest.mark.parametrize("account", ["sysadmin", "compiler"])
    def test_the_compiling_agency_sees_all(self, world: World, create: Create, account):
        create()
        create("foreign")
        assert report(world, account)["total"]["datasets"] == 2

    def test_another_agency_is_refused(self, world: World):
        with pytest.raises(tk.NotAuthorized):
            report(world, "admin", agency=world.agencies["foreign"]["name"])

    def test_public_reports_have_no_texts_of_agencies(
        self, world: World, create: Create, monkeypatch
    ):
        create()
        say(world, "admin", difficulties="Thiếu người")
        monkeypatch.setitem(tk.config, config.PUBLIC_REPORTS, True)
        found = report(world, "stranger")
        assert found["total"]["datasets"] == 1
        assert not any(one["difficulties"] for one in found["rows"])


def say(world: World, account: str, **data: Any) -> Any:
    agency = world.agencies["own"]["name"]
    return world.call(account, "nd47_report_text_update", **{"agency": agency, **data})


class TestTexts:
    def test_an_administrator_says_what_hinders_the_agency(self, world: World):
        assert say(world, "admin", difficulties="Thiếu người", proposals="Tập huấn")["version"] == 1
        said = next(one for one in report(world)["rows"] if one["difficulties"])
        assert (said["difficulties"], said["proposals"]) == ("Thiếu người", "Tập huấn")

    def test_a_leader_reads_and_does_not_write(self, world: World):
        with pytest.raises(tk.NotAuthorized):
            say(world, "leader", difficulties="Thiếu người")

    def test_of_two_at_once_neither_overwrites_the_other(self, world: World):
        say(world, "admin", difficulties="Một")
        with pytest.raises(tk.ValidationError):
            say(world, "sysadmin", difficulties="Hai")
        say(world, "sysadmin", difficulties="Hai", version=1)
        with pytest.raises(tk.ValidationError):
            say(world, "admin", difficulties="Ba", version=1)

    def test_a_closed_month_is_refused(self, world: World, create: Create):
        create()
        last = month_ago(1)
        with freeze_time(dt.datetime.combine(last, dt.time(5))):
            snapshot.take(last)
        close(last)
        with pytest.raises(tk.ValidationError):
            say(world, "admin", period=f"{last:%Y-%m}", difficulties="Muộn")

    def test_a_long_text_is_refused(self, world: World):
        with pytest.raises(tk.ValidationError):
            say(world, "admin", difficulties="x" * 5000)


def close(month: dt.date) -> None:
    """Close a month on its day."""
    snapshot.take(max(snapshot.closing_day(month), dates.today()))


class TestMonths:
    def taken(self, month: dt.date) -> None:
        day = month + dt.timedelta(days=20)
        with freeze_time(dt.datetime.combine(day, dt.time(5))):
            snapshot.take(day)

    def test_a_closed_month_says_what_was_so_then(self, world: World, create: Create):
        dataset = create()
        measure()
        last = month_ago(1)
        self.taken(last)
        used(dataset, last + dt.timedelta(days=3), views=5)
        close(last)
        call_action("package_delete", id=dataset["id"])
        create("foreign")
        create("foreign")
        used(dataset, last + dt.timedelta(days=4), views=50)
        found = report(world, period=f"{last:%Y-%m}")
        assert found["closed"]
        assert (found["total"]["datasets"], found["total"]["views"]) == (1, 5)
        assert report(world)["total"]["datasets"] == 2

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE nd47_snapshot_dataset SET views = 999",
            "DELETE FROM nd47_snapshot_dataset",
            "UPDATE nd47_snapshot SET closed = NULL",
            "DELETE FROM nd47_snapshot",
            "TRUNCATE nd47_snapshot_dataset",
            "INSERT INTO nd47_snapshot_item (month, item_id) SELECT month, 'x' FROM nd47_snapshot"
            " WHERE closed IS NOT NULL",
        ],
    )
    def test_the_database_refuses_to_change_a_closed_month(self, create: Create, statement):
        create()
        last = month_ago(1)
        self.taken(last)
        close(last)
        with pytest.raises(exc.IntegrityError):
            model.Session.execute(sa.text(statement))
        model.Session.rollback()

    def test_a_month_is_taken_again_each_day_and_once_on_a_day(self, create: Create):
        create()
        month = month_ago(1)
        days = [month + dt.timedelta(days=number) for number in (1, 1, 2)]
        assert [snapshot.take(day)["taken"] for day in days] == [True, False, True]

    def test_a_day_is_stored_again_where_that_is_asked_for(self, create: Create):
        today = dates.today()
        snapshot.take(today)
        create()
        assert snapshot.take(today, again=True)["taken"] is True
        stored = sa.select(sa.func.count()).select_from(tables.datasets)
        of_this = tables.datasets.c.month == period.this_month()
        assert model.Session.scalar(stored.where(of_this)) == 1

    def test_a_closed_month_is_never_stored_again(self, create: Create):
        create()
        last = month_ago(1)
        self.taken(last)
        close(last)
        day = period.months_before(last, -1) - dt.timedelta(days=1)
        assert snapshot.take(day, again=True)["taken"] is False

    def test_an_agency_keeps_the_name_it_had(self, world: World, create: Create):
        create()
        last = month_ago(1)
        self.taken(last)
        close(last)
        own = world.agencies["own"]
        call_action("organization_patch", id=own["id"], title="Sở mới")
        found = report(world, period=f"{last:%Y-%m}")
        call_action("organization_patch", id=own["id"], title=own["title"])
        assert own["title"] in {one["title"] for one in found["rows"]}

    def test_a_month_is_closed_some_days_after_its_end(self, create: Create):
        create()
        last = month_ago(1)
        self.taken(last)
        day = snapshot.closing_day(last)
        before = day - dt.timedelta(days=1)
        assert snapshot.take(before)["closed"] == []
        assert snapshot.take(day)["closed"] == [f"{last:%Y-%m}"]
        assert snapshot.take(day + dt.timedelta(days=1))["closed"] == []

    def test_a_year_adds_the_use_of_closed_months_and_of_days(self, world: World, create: Create):
        dataset = create()
        measure()
        last = month_ago(1)
        self.taken(last)
        used(dataset, last + dt.timedelta(days=1), views=5)
        close(last)
        used(dataset, dates.today(), views=2)
        year = str(last.year)
        expected = 7 if last.year == dates.today().year else 5
        assert report(world, period=year)["total"]["views"] == expected

    def test_the_trend_has_what_was_stored(self, world: World, create: Create):
        dataset = create()
        measure()
        last = month_ago(1)
        self.taken(last)
        used(dataset, last + dt.timedelta(days=1), views=5)
        close(last)
        months = world.call("sysadmin", "nd47_report_trend", months=3)
        assert [month["stored"] for month in months] == [False, True, True]
        assert months[1]["figures"]["datasets"] == 1
        assert months[1]["figures"]["views"] == 5

    def test_a_node_waits_for_another_that_takes_the_month(self, create: Create):
        create()
        other = model.meta.create_local_session()
        other.execute(sa.select(sa.func.pg_advisory_xact_lock(snapshot.LOCK)))
        model.Session.execute(sa.text("SET LOCAL lock_timeout = '200ms'"))
        try:
            with pytest.raises(exc.OperationalError):
                snapshot.take(dates.today())
        finally:
            model.Session.rollback()
            other.rollback()
            other.close()


class TestFiles:
    def test_csv_and_xlsx_have_the_same_cells(self, app: CKANTestApp, world: World, create: Create):
        create()
        headers = world.headers("sysadmin")
        text = app.get("/work/reports.csv", headers=headers).data.decode("utf-8-sig")
        book = openpyxl.load_workbook(
            io.BytesIO(app.get("/work/reports.xlsx", headers=headers).data)
        )
        cells = [[str(cell or "") for cell in line] for line in book.worksheets[0].values]
        assert list(csv.reader(io.StringIO(text))) == cells

    def test_json_is_what_the_action_returns(self, app: CKANTestApp, world: World, create: Create):
        create()
        answer = app.get("/work/reports.json", headers=world.headers("sysadmin"))
        assert json.loads(answer.data)["total"]["datasets"] == 1

    def test_docx_is_a_report_in_official_form(
        self, app: CKANTestApp, world: World, create: Create
    ):
        create()
        say(world, "admin", proposals="Tập huấn cán bộ")
        answer = app.get("/work/reports.docx", headers=world.headers("sysadmin"))
        document = docx.Document(io.BytesIO(answer.data))
        text = "\n".join(paragraph.text for paragraph in document.paragraphs)
        assert "Tập huấn cán bộ" in text
        assert "Kết quả công bố" in text
        tables_text = [
            cell.text for table in document.tables for row in table.rows for cell in row.cells
        ]
        assert "BÁO CÁO" in text + "".join(tables_text)
        assert world.agencies["own"]["title"] in tables_text

    def test_a_formula_in_a_name_is_text(self, app: CKANTestApp, world: World):
        say(world, "admin", difficulties="=1+1")
        answer = app.get("/work/reports.csv", headers=world.headers("sysadmin"))
        assert "'=1+1" in answer.data.decode()


class TestPages:
    @pytest.mark.parametrize("query", ["", "?group=field", "?group=kind&page=9", "?period=2099"])
    def test_the_page_shows_the_figures_or_says_what_is_wrong(
        self, app: CKANTestApp, world: World, create: Create, query
    ):
        create()
        status = 400 if "2099" in query else 200
        page = app.get(f"/work/reports{query}", headers=world.headers("admin"), status=status)
        assert status == 400 or "<tfoot>" in page.text

    def test_an_administrator_writes_what_hinders_the_agency(
        self, app: CKANTestApp, world: World, create: Create
    ):
        create()
        own, headers = world.agencies["own"], world.headers("admin")
        assert f"/work/reports/text/{own['name']}" in app.get("/work/reports", headers=headers).text
        month = f"{dates.today():%Y-%m}"
        form = {"period": month, "version": "0", "difficulties": "Thiếu người"}
        page = app.post(f"/work/reports/text/{own['name']}", data=form, headers=headers)
        assert "Thiếu người" in page.text
        again = app.post(f"/work/reports/text/{own['name']}", data=form, headers=headers)
        assert "error-explanation" in again.text

    def test_a_leader_gets_no_form_to_save(self, app: CKANTestApp, world: World):
        own = world.agencies["own"]["name"]
        form = {"period": "", "version": "0", "difficulties": "x"}
        headers = world.headers("leader")
        app.post(f"/work/reports/text/{own}", data=form, headers=headers, status=403)

    def test_public_reports(self, app: CKANTestApp, create: Create, monkeypatch):
        create()
        monkeypatch.setitem(tk.config, config.PUBLIC_REPORTS, True)
        assert "<tfoot>" in app.get("/reports").text
        assert "<table" in app.get("/reports/summary").text
        assert app.get("/reports/figures.csv").data


class TestEvidence:
    def test_the_archive_has_figures_addresses_pages_and_right_checksums(
        self, app: CKANTestApp, world: World, create: Create
    ):
        dataset = create()
        answer = app.get("/work/reports/evidence.zip", headers=world.headers("compiler"))
        archive = zipfile.ZipFile(io.BytesIO(answer.data))
        names = set(archive.namelist())
        assert {"NGAY-CHOT.txt", "SHA256SUMS", "dia-chi.csv", "trang/trang-chu.html"} <= names
        assert f"trang/dataset-{dataset['name']}.html" in names
        assert dataset["title"] in archive.read(f"trang/dataset-{dataset['name']}.html").decode()
        assert dataset["name"] in archive.read("dia-chi.csv").decode()
        _check_sums(archive)

    def test_others_get_none(self, app: CKANTestApp, world: World):
        for account in ("leader", "admin", "editor"):
            app.get("/work/reports/evidence.zip", headers=world.headers(account), status=403)


def _check_sums(archive: zipfile.ZipFile) -> None:
    lines = archive.read("SHA256SUMS").decode().splitlines()
    listed = {line.partition("  ")[2]: line.partition("  ")[0] for line in lines}
    assert set(listed) == set(archive.namelist()) - {"SHA256SUMS"}
    for name, digest in listed.items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == digest


class TestPeriods:
    @pytest.mark.parametrize(
        ("code", "months"), [("2025-02", 1), ("2025-Q4", 3), ("2025", 12), ("2024-Q1", 3)]
    )
    def test_codes(self, code, months):
        assert len(period.parse(code).months) == months

    def test_a_share_of_less_than_all_is_never_all(self):
        assert figures.percent(999, 1000) == 99
        assert figures.percent(0, 0) is None


def test_months_are_among_the_tables_that_a_trigger_protects():
    names = {table.name for table in (tables.months, tables.datasets, tables.items, tables.texts)}
    query = "SELECT event_object_table FROM information_schema.triggers WHERE trigger_name = :name"
    found = set(model.Session.scalars(sa.text(query), {"name": "nd47_month_stays"}))
    assert found == names
