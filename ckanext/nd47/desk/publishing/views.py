"""The pages `/dataset/<id>/publish` and `/dataset/<id>/new-period`."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from flask import Blueprint, Response, jsonify, request

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.desk.publishing import ways
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata.pages import form_saving

__all__ = ["nd47_publishing"]

nd47_publishing = Blueprint("nd47_publishing", __name__)

PUBLISH = "publish"
NEW_PERIOD = "nd47_publishing.add_period"

form_saving.OTHERS.add(NEW_PERIOD)


@nd47_publishing.before_request
def require_account() -> Any:
    """Send visitors to log in, and back to the same address afterwards."""
    if not tk.g.user:
        return tk.redirect_to("user.login", came_from=request.path)
    return None


nd47_publishing.before_request(http.require_csrf_token)


@nd47_publishing.after_app_request
def to_review(response: Response) -> Response:
    """Lead from the last step of the form to the page before the publication."""
    is_saved = request.method == "POST" and response.status_code == form_saving.FOUND
    if is_saved and request.args.get(form_saving.THEN) == PUBLISH:
        name = (request.view_args or {}).get("id")
        if name and form_saving.dataset_type_of_form() and tk.current_user.is_authenticated:
            response.location = tk.url_for("nd47_publishing.review", id=name)
    return response


@nd47_publishing.get("/dataset/<id>/publish")
def review(id: str) -> str | Response:
    """Show what citizens will see, what the rules say, and how to publish."""
    return _review_page(id, {})


@nd47_publishing.post("/dataset/<id>/publish")
def publish(id: str) -> str | Response:
    """Publish, schedule, or send for approval, as the button says."""
    form = request.form
    try:
        if "send" in form:
            note = {name: form.get(name, "").strip() for name in ("note", "approver")}
            data = {name: text for name, text in note.items() if text}
            http.act(ways.SEND, id=id, **data)
            tk.h.flash_success(tk._("Sent for approval. You will find it under My work."))
        elif "schedule" in form:
            moment = _moment(form.get("day", ""), form.get("time", ""))
            http.act(ways.SCHEDULE, id=id, at=moment)
            tk.h.flash_success(tk._("It will be published at the moment that you gave."))
        elif "publish-approved" in form:
            http.act(ways.PUBLISH_APPROVED, id=id)
            _say_published(http.act("package_show", id=id))
        else:
            private = {"private": form["private"]} if "private" in form else {}
            dataset = http.act("nd47_dataset_publish", id=id, **private)
            _say_published(dataset)
    except tk.ValidationError as error:
        model.Session.rollback()
        return _review_page(id, dict(error.error_summary))
    return tk.redirect_to("dataset.read", id=id)


@nd47_publishing.get("/dataset/<id>/new-period")
def new_period(id: str) -> str:
    """Ask for the file of the next period, with what can be known of it."""
    proposal = http.act("nd47_period_propose", id=id)
    return _period_page(id, proposal, proposal, {}, [])


@nd47_publishing.post("/dataset/<id>/new-period")
def add_period(id: str) -> str | Response:
    """Add the file, once the officer has seen what is unusual about it."""
    upload = request.files.get("upload")
    typed = {name: request.form.get(name, "").strip() for name in ("period", "modified")}
    proposal: dict[str, Any] = {}
    try:
        proposal = http.act("nd47_period_propose", id=id, upload=upload)
        notes = _notes(proposal, typed["period"])
        if notes and request.form.get("seen") != _digest(notes):
            return _period_page(id, proposal, typed, {}, notes)
        dataset = http.act("nd47_period_add", id=id, upload=upload, **typed)
    except tk.ValidationError as error:
        model.Session.rollback()
        proposal = proposal or http.act("nd47_period_propose", id=id)
        return _period_page(id, proposal, typed, inputs.error_messages(error), [])
    message = tk._("The file of {period} is published.")
    if dataset["state"] != model.State.ACTIVE:
        message = tk._("The file of {period} was added to the draft.")
    tk.h.flash_success(message.format(period=_in_words(typed["period"])))
    return tk.redirect_to("dataset.read", id=dataset["name"])


@nd47_publishing.post("/dataset/<id>/new-period/check")
def check_period(id: str) -> Response:
    """Say what the chosen file states, for the script of the page."""
    try:
        proposal = http.act("nd47_period_propose", id=id, upload=request.files.get("upload"))
    except tk.ValidationError as error:
        response = jsonify({"errors": inputs.error_messages(error)})
        response.status_code = 400
        return response
    typed = request.form.get("period", "").strip()
    touched = bool(request.form.get("touched"))
    period = typed if touched or not proposal["from_file"] else proposal["period"]
    notes = _notes(proposal, period)
    return jsonify(
        {
            "period": proposal["period"],
            "modified": proposal["modified"],
            "from_file": proposal["from_file"],
            "notes": notes,
            "seen": _digest(notes) if notes else "",
        }
    )


def _notes(proposal: dict[str, Any], period: str) -> list[str]:
    """Return what is unusual about a file, in words."""
    notes = []
    if proposal["from_file"] and _stored(period) != _stored(proposal["period"]):
        notes.append(
            tk._("The file speaks of {stated}, and the period given is {given}.").format(
                stated=proposal["period"], given=period or "–"
            )
        )
    for key, words in (
        ("removed", tk._("Columns of the last file that are missing: {columns}.")),
        ("added", tk._("Columns that the last file did not have: {columns}.")),
    ):
        if proposal[key]:
            notes.append(words.format(columns=", ".join(proposal[key][:20])))
    return notes


def _stored(period: str) -> str:
    try:
        return dates.period(period)
    except ValueError:
        return period


def _in_words(period: str) -> str:
    return dates.period_in_words(_stored(period))


def _digest(notes: list[str]) -> str:
    return hashlib.sha256("\n".join(notes).encode()).hexdigest()[:16]


def _period_page(
    id: str,
    proposal: dict[str, Any],
    data: dict[str, Any],
    errors: dict[str, list[str]],
    notes: list[str],
) -> str:
    return tk.render(
        "nd47_desk/publishing/new_period.html",
        {
            "pkg_dict": http.act("package_show", id=id),
            "proposal": proposal,
            "data": data,
            "errors": errors,
            "notes": notes,
            "seen": _digest(notes) if notes else "",
        },
    )


def _review_page(id: str, errors: dict[str, str]) -> str | Response:
    found = http.act("nd47_publication_review", id=id)
    dataset = http.act("package_show", id=id)
    if dataset["state"] == model.State.ACTIVE and not dataset["private"] and not errors:
        return tk.redirect_to("dataset.read", id=dataset["name"])
    return tk.render(
        "nd47_desk/publishing/review.html",
        {"pkg_dict": dataset, "review": found, "errors": errors, "form": request.form},
    )


def _moment(day: str, time: str) -> str:
    """Return a moment of the portal's time zone in ISO 8601.

    Raises:
        ckan.plugins.toolkit.ValidationError: the day or the time is invalid.
    """
    try:
        date = dates.parse(day)
        hour, _, minute = (time or "08:00").partition(":")
        moment = dt.datetime(
            date.year, date.month, date.day, int(hour), int(minute or 0), tzinfo=values.VIETNAM
        )
    except ValueError:
        raise tk.ValidationError(
            {"day": [tk._("Give the day as day/month/year, for example 05/04/2025.")]}
        ) from None
    return moment.isoformat()


def _say_published(dataset: dict[str, Any]) -> None:
    address = tk.h.url_for("dataset.read", id=dataset["name"], qualified=True, locale="default")
    words = (
        tk._("Published for the members of the agency. Its address is {address}")
        if dataset["private"]
        else tk._("Published: everybody sees it at {address}")
    )
    tk.h.flash_success(words.format(address=address))
