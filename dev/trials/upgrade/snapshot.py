"""Note everything that a portal holds, on CKAN 2.11 and on 2.12.

`python -m dev.trials.upgrade.snapshot INI` reads what `dev.trials.upgrade.fill` printed from
standard input, and prints the rows of all tables, the files with their checksums, and what the
pages answer as JSON.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from werkzeug.test import Client

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.lib.search import commit

Rows = dict[str, list[dict[str, Any]]]


def rows(url: str) -> Rows:
    """Return the rows of every table of a database."""
    engine = sa.create_engine(url)
    tables: Rows = {}
    with engine.connect() as connection:
        for table in sorted(sa.inspect(connection).get_table_names()):
            quoted = engine.dialect.identifier_preparer.quote_identifier(table)
            query = sa.text(f"SELECT to_jsonb(t) - '_full_text' FROM {quoted} t")  # noqa: S608 - a name that the database gave
            tables[table] = [row[0] for row in connection.execute(query)]
    engine.dispose()
    return tables


def files(folder: Path) -> dict[str, str]:
    """Return the checksums of the files below a folder that users have uploaded."""
    paths = [path for top in ("resources", "storage") for path in (folder / top).rglob("*")]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(paths)
        if path.is_file()
    }


def addresses() -> Iterator[str]:
    """Yield the pages of everything that the portal holds, also of what is not public."""
    yield from ("/", "/dataset/", "/organization/", "/group/", "/stats", "/harvest")
    yield from ("/dataset/?q=s%E1%BB%91+li%E1%BB%87u", "/dataset/activity/bo-du-lieu-1")
    for package in model.Session.query(model.Package).filter_by(state="active"):
        if package.type == "harvest":
            yield from (f"/harvest/{package.name}", f"/harvest/admin/{package.name}")
            continue
        yield f"/dataset/{package.name}"
        for resource in package.resources:
            yield f"/dataset/{package.name}/resource/{resource.id}"
            if resource.url_type == "upload":
                name = resource.url.rpartition("/")[2]
                yield f"/dataset/{package.name}/resource/{resource.id}/download/{name}"
    for group in model.Session.query(model.Group).filter_by(state="active"):
        yield f"/{'organization' if group.is_organization else 'group'}/{group.name}"
    for user in model.Session.query(model.User).filter_by(state="active"):
        yield f"/user/{user.name}"


def answers(client: Any, credentials: dict[str, str]) -> dict[str, int]:
    """Return the status of each page for a system administrator, by its address."""
    headers = {"Authorization": credentials["token"]}
    site = tk.config["ckan.site_url"]
    statuses = {}
    for address in dict.fromkeys(addresses()):
        answer = client.get(address, base_url=site, headers=headers, follow_redirects=True)
        statuses[address] = answer.status_code
        answer.close()
    return statuses


def shown(client: Any, credentials: dict[str, str]) -> dict[str, Any]:
    """Return every active dataset as the API returns it."""
    headers = {"Authorization": credentials["token"]}
    names = model.Session.query(model.Package.name).filter_by(state="active", type="dataset")
    datasets = {}
    for (name,) in names:
        address = f"/api/3/action/package_show?id={name}"
        answer = client.get(address, base_url=tk.config["ckan.site_url"], headers=headers)
        datasets[name] = json.loads(answer.get_data())["result"]
    return datasets


def snapshot(app: Any, credentials: dict[str, str]) -> dict[str, Any]:
    """Return a snapshot; rows first, since requests record when a user was last active."""
    commit()
    client: Any = Client(app)
    user = model.User.get(credentials["user"])
    search = tk.get_action("package_search")(
        {"ignore_auth": True}, {"include_private": True, "include_drafts": True, "rows": 0}
    )
    return {
        "rows": rows(tk.config["sqlalchemy.url"]),
        "tables": rows(tk.config["ckan.datastore.write_url"]),
        "files": files(Path(tk.config["ckan.storage_path"])),
        "password": bool(user and user.validate_password(credentials["password"])),
        "search_count": search["count"],
        "pages": answers(client, credentials),
        "shown": shown(client, credentials),
    }


if __name__ == "__main__":
    application = make_app(load_config(sys.argv[1]))
    with application._wsgi_app.test_request_context():  # pyright: ignore[reportAttributeAccessIssue]
        json.dump(snapshot(application, json.load(sys.stdin)), sys.stdout)
