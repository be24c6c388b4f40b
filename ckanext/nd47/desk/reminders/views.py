"""Pages of the reminders: what an account chooses, and the links in the messages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from werkzeug.wrappers import Response

import ckan.plugins.toolkit as tk
from ckan.config.middleware.flask_app import csrf

from ckanext.nd47.desk.reminders import choices
from ckanext.nd47.desk.reminders import model as tables
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.web import http, pages

__all__ = ["nd47_reminder_links", "nd47_reminders"]

nd47_reminders = Blueprint("nd47_reminders", __name__)
nd47_reminder_links = Blueprint("nd47_reminder_links", __name__)

# A mail program answers RFC 8058 with nothing but the link itself, whose signature is its right.
csrf.exempt(nd47_reminder_links)


nd47_reminders.before_request(pages.require_account(tables))


nd47_reminders.before_request(http.require_csrf_token)


@nd47_reminder_links.before_request
def _require_tables() -> None:
    pages.require_tables(tables)


@nd47_reminders.after_request
@nd47_reminder_links.after_request
def keep_private(response: Response) -> Response:
    """Keep the pages, whose addresses or content are those of one account, out of caches."""
    tk.request.environ[http.NO_CACHE] = True
    response.headers["Cache-Control"] = http.PRIVATE
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@nd47_reminders.get("/work/reminders")
def settings() -> str:
    """Show what the account is reminded of."""
    return _settings_page(http.act("nd47_reminder_choice_show"), {})


@nd47_reminders.post("/work/reminders")
def save() -> str | Response:
    """Save what the account chose."""
    form = tk.request.form
    wanted, offered = form.getlist("kind"), choices.codes()
    # What the page does not offer at the moment stays as it was.
    before = http.act("nd47_reminder_choice_show")["kinds_off"]
    hidden = [kind for kind in before if kind not in offered]
    data = {
        "language": form.get("language", "").strip(),
        "kinds_off": [*hidden, *(kind for kind in offered if kind not in wanted)],
        "all_off": "all_off" in form,
    }
    try:
        tk.get_action("nd47_reminder_choice_update")(http.user_context(), data)
    except tk.ValidationError as error:
        return _settings_page(data, inputs.error_messages(error))
    tk.h.flash_success(tk._("Your choice was saved."))
    return tk.redirect_to("nd47_reminders.settings")


@nd47_reminder_links.get("/work/reminders/unsubscribe/<token>")
def unsubscribe(token: str) -> str:
    """Ask whether the account of a message is to be reminded no more."""
    return _link_page(http.act("nd47_reminder_link_show", token=token))


@nd47_reminder_links.post("/work/reminders/unsubscribe/<token>")
def unsubscribed(token: str) -> str:
    """Remind the account of a message no more; mail programs do this by themselves too."""
    return _link_page(http.act("nd47_reminder_unsubscribe", token=token))


def _settings_page(choice: Any, errors: dict[str, list[str]]) -> str:
    return tk.render(
        "nd47_desk/reminders/settings.html",
        {
            "choice": choice,
            "kinds": choices.kinds(),
            "languages": choices.languages(),
            "email": tk.g.userobj.email or "",
            "errors": errors,
        },
    )


def _link_page(link: Any) -> str:
    titles = choices.kinds()
    return tk.render(
        "nd47_desk/reminders/unsubscribe.html",
        {"link": link, "kind_title": titles.get(link["kind"], link["kind"])},
    )
