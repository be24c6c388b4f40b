"""Bring one CKAN's tables, scripts and accounts up to date.

All in one process, since each start of CKAN takes seconds.

Run inside the run folder's Python:
`python -m dev.local.provision INI`, with the required accounts as JSON on standard input ({role,
name, password, has_token} each). Prints JSON: the SQL that gives the DataStore its permissions, and
the API tokens made, by role.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from sqlalchemy.engine import make_url

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli import load_config
from ckan.cli.db import upgrade
from ckan.config.middleware import make_app
from ckan.lib.i18n import build_js_translations
from ckan.types import Context

from ckanext.datastore.cli import permissions_sql


def database_of(option: str) -> tuple[str, str]:
    """Return database name and user of a connection option."""
    url = make_url(tk.config[option])
    return str(url.database), str(url.username)


def datastore_permissions() -> str:
    """Return the SQL that `ckan datastore set-permissions` prints."""
    main, owner = database_of("sqlalchemy.url")
    datastore, writer = database_of("ckan.datastore.write_url")
    _, reader = database_of("ckan.datastore.read_url")
    return permissions_sql(main, datastore, owner, writer, reader)


def ensure_account(account: dict[str, Any]) -> str | None:
    """Create a user unless it exists and give it its role; return an API token if one is due."""
    context: Context = {"ignore_auth": True, "user": ""}
    name = account["name"]
    is_new = model.User.get(name) is None
    if is_new:
        facts = {"name": name, "email": f"{name}@vinhkhue.example", "password": account["password"]}
        tk.get_action("user_create")(context.copy(), facts)
    if account["role"] == "sysadmin":
        tk.get_action("user_patch")(context.copy(), {"id": name, "sysadmin": True})
    if account["has_token"] and not is_new:
        return None
    token = tk.get_action("api_token_create")(context.copy(), {"user": name, "name": "make"})
    return token["token"]


def provision(ini: str, accounts: list[dict[str, Any]]) -> dict[str, Any]:
    """Bring everything up to date and return what the caller needs to know."""
    app = make_app(load_config(ini))
    upgrade.main(args=[], standalone_mode=False)
    # Only CKAN's own development server does this by itself.
    build_js_translations()
    # CKAN's own command line reaches the Flask application the same way.
    with app._wsgi_app.app_context():  # pyright: ignore[reportAttributeAccessIssue]
        tokens = {account["role"]: ensure_account(account) for account in accounts}
        new_tokens = {role: token for role, token in tokens.items() if token}
        return {"permissions": datastore_permissions(), "tokens": new_tokens}


if __name__ == "__main__":
    json.dump(provision(sys.argv[1], json.load(sys.stdin)), sys.stdout)
