"""Pages of the approval: `/work/approvals` and `/dataset/<name>/approval`."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response
from werkzeug.wrappers import Response as AnyResponse

import ckan.plugins.toolkit as tk
from ckan.lib.helpers import Page

from ckanext.nd47.desk.approval import files, history, service
from ckanext.nd47.desk.approval import model as tables
from ckanext.nd47.desk.approval.logic import schema
from ckanext.nd47.desk.approval.pages import labels
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.web import http
from ckanext.nd47.lib.web import pages as web_pages

__all__ = ["nd47_approval"]

nd47_approval = Blueprint("nd47_approval", __name__)

LIST = "nd47_approval.waiting"
DATASET = "nd47_approval.dataset"
PER_PAGE = 50
DECISION_FIELDS = ("decision", "reason", "decision_number", "decision_date")


nd47_approval.before_request(web_pages.require_account(tables))


nd47_approval.before_request(http.require_csrf_token)


@nd47_approval.get("/work/approvals")
def waiting() -> str:
    """Show what waits for the account; the address with `all=1` has everything chosen."""
    return _waiting_page({}, {}, [])


@nd47_approval.post("/work/approvals")
def decide_many() -> str | AnyResponse:
    """Decide about the chosen datasets."""
    form = tk.request.form
    chosen = form.getlist("ids")
    data = {name: form.get(name, "") for name in DECISION_FIELDS}
    try:
        results = _decide(chosen, data)
    except tk.ValidationError as error:
        return _waiting_page(data, inputs.error_messages(error), chosen)
    _flash_results(results)
    return tk.redirect_to(LIST)


@nd47_approval.get("/dataset/<id>/approval")
def dataset(id: str) -> str:  # noqa: A002 - the name in CKAN's tabs
    """Show the approval of a dataset with its steps and its history."""
    return _dataset_page(id, {}, {})


@nd47_approval.post("/dataset/<id>/approval/send")
def send(id: str) -> str | AnyResponse:  # noqa: A002
    """Send the dataset for approval."""
    data = {name: tk.request.form.get(name, "") for name in ("note", "approver")}
    return _do(id, "nd47_approval_send", data, tk._("The dataset was sent for approval."))


@nd47_approval.post("/dataset/<id>/approval/discard")
def discard(id: str) -> str | AnyResponse:  # noqa: A002
    """Take back what waits for approval."""
    data = {name: tk.request.form.get(name, "") for name in ("note", "version")}
    said = tk._("The request was taken back; nothing waits for approval any more.")
    return _do(id, "nd47_approval_discard", data, said)


@nd47_approval.post("/dataset/<id>/approval/decide")
def decide(id: str) -> str | AnyResponse:  # noqa: A002
    """Decide about the dataset."""
    data = {name: tk.request.form.get(name, "") for name in DECISION_FIELDS}
    package = http.act("nd47_approval_show", id=id)
    try:
        results = _decide([package["id"]], data)
    except tk.ValidationError as error:
        return _dataset_page(id, data, inputs.error_messages(error))
    _flash_results(results)
    return tk.redirect_to(DATASET, id=id)


@nd47_approval.post("/dataset/<id>/approval/schedule")
def schedule(id: str) -> str | AnyResponse:  # noqa: A002
    """Choose the moment of the publication."""
    data = {"at": tk.request.form.get("at", "")}
    if "clear" in tk.request.form:
        data["at"] = ""
    said = tk._("The moment was saved.") if data["at"] else tk._("No moment is set any more.")
    return _do(id, "nd47_publication_schedule", data, said)


@nd47_approval.post("/dataset/<id>/approval/<any(publish, suspend, withdraw, resume):verb>")
def change(id: str, verb: str) -> str | AnyResponse:  # noqa: A002
    """Publish an approved dataset now, suspend, withdraw or resume it."""
    data = {"reason": tk.request.form.get("reason", "")}
    said = {
        "publish": tk._("The dataset is published."),
        "suspend": tk._("The publication is suspended."),
        "withdraw": tk._("The dataset was withdrawn."),
        "resume": tk._("The dataset is published again."),
    }[verb]
    return _do(id, f"nd47_publication_{verb}", data, said)


@nd47_approval.get("/dataset/<id>/approval/history.csv")
def download_history(id: str) -> Response:  # noqa: A002
    """Return the whole history as a file."""
    events: list[history.EventDict] = []
    count = 1
    while len(events) < count:
        page = http.act(
            "nd47_approval_history", id=id, limit=schema.LARGEST_PAGE, offset=len(events)
        )
        count = page["count"] if page["results"] else len(events)
        events += page["results"]
    reply = Response(history.as_csv(events), content_type="text/csv; charset=utf-8")
    reply.headers["Content-Disposition"] = 'attachment; filename="lich-su-phe-duyet.csv"'
    return reply


@nd47_approval.get("/dataset/<id>/approval/decision/<file_id>")
def decision_file(id: str, file_id: str) -> Response:  # noqa: A002
    """Return the file of a decision to those who see the approval."""
    package = http.act("nd47_approval_show", id=id)
    file = files.of_dataset(package["id"], file_id)
    if file is None:
        tk.abort(404, tk._("There is no such file."))
    try:
        content = files.content(file)
    except tk.ObjectNotFound as error:
        tk.abort(404, str(error))
    reply = Response(content, content_type=file.media_type)
    reply.headers.set("Content-Disposition", "attachment", filename=file.name)
    reply.headers["X-Content-Type-Options"] = "nosniff"
    return reply


def _decide(chosen: list[str], data: Mapping[str, str]) -> list[service.Result]:
    """Decide about datasets in the versions that the form showed."""
    form = tk.request.form
    versions = {
        dataset_id: form[f"version-{dataset_id}"]
        for dataset_id in chosen
        if f"version-{dataset_id}" in form
    }
    parameters = {**data, "ids": chosen, "versions": versions}
    upload = tk.request.files.get(files.UPLOAD)
    if upload is not None and upload.filename:
        parameters[files.UPLOAD] = upload
    return http.act("nd47_approval_decide", **parameters)["results"]


def _flash_results(results: list[service.Result]) -> None:
    done = sum(result["done"] for result in results)
    if done:
        tk.h.flash_success(
            tk.ungettext(
                "{number} dataset was decided.", "{number} datasets were decided.", done
            ).format(number=done)
        )
    for result in results:
        if not result["done"]:
            tk.h.flash_error(f"{result['title']}: {result['message']}")


def _do(dataset_id: str, action: str, data: dict[str, str], said: str) -> str | AnyResponse:
    try:
        http.act(action, id=dataset_id, **data)
    except tk.ValidationError as error:
        return _dataset_page(dataset_id, data, inputs.error_messages(error), action)
    tk.h.flash_success(said)
    return tk.redirect_to(DATASET, id=dataset_id)


def _dataset_page(
    dataset_id: str, data: Mapping[str, str], errors: Mapping[str, list[str]], action: str = ""
) -> str:
    approval = http.act("nd47_approval_show", id=dataset_id)
    events = http.act("nd47_approval_history", id=dataset_id, limit=schema.LARGEST_PAGE)
    return tk.render(
        "nd47_desk/approval/dataset.html",
        {
            "approval": approval,
            "events": events["results"],
            "words": labels.events(),
            "steps": labels.steps(),
            "data": data,
            "errors": errors,
            "action": action,
        },
    )


def _waiting_page(
    data: Mapping[str, str], errors: Mapping[str, list[str]], chosen: list[str]
) -> str:
    number = web_pages.number()
    waiting_cases = http.act("nd47_approval_list", limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    everything = bool(tk.request.args.get("all"))
    return tk.render(
        "nd47_desk/approval/waiting.html",
        {
            "waiting": waiting_cases,
            "page": _pages(number, waiting_cases["count"]),
            "chosen": [case["id"] for case in waiting_cases["results"]] if everything else chosen,
            "everything": everything,
            "steps": labels.steps(),
            "data": data,
            "errors": errors,
        },
    )


def _pages(number: int, count: int) -> Page:
    return web_pages.pager(lambda page: tk.url_for(LIST, page=page), number, count, PER_PAGE)
