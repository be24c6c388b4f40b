"""Loads the sample province into a portal through its public API.

A dataset needs two requests: the first creates a draft that names its files, the second uploads
them all and publishes. So the rules of publication see the whole dataset, a draft after an
interruption is unfinished, and the load takes half the time that a request for each file would
take. Running it again creates nothing twice and leaves finished datasets alone.
"""

from __future__ import annotations

import secrets
from typing import Any

from .client import LoadError, Portal
from .content import DEFAULT_SEED, province
from .model import Account, DataFile, Dataset, Organisation, Province, Report, Summary

__all__ = ["LoadError", "complete", "create_draft", "ensure_account", "load"]


def load(
    url: str,
    token: str,
    *,
    report: Report | None = None,
    content: Province | None = None,
    only: int | None = None,
) -> Summary:
    """Load the province; what is there already stays as it is.

    Args:
        url: the portal's address.
        token: API token of a sysadmin.
        report: called for each step.
        content: the province to load; default: the sample province as of now.
        only: load only so many datasets.

    Raises:
        LoadError: the portal refused something or does not answer.
    """
    content = content or province(DEFAULT_SEED)
    datasets = content.datasets[:only]
    steps = _Steps(len(content.organisations) + 2 + len(datasets), report)
    summary = Summary()
    portal = Portal(url, token)
    try:
        existing = set(portal.call("organization_list", "organisations", limit=1000))
        for agency in content.organisations:
            if agency.name not in existing:
                _create_organisation(portal, agency)
                summary.organisations_created += 1
            _name_focal_points(portal, agency)
            steps.done(agency.title)
        summary.editor_created = _ensure_editor(portal, content.editor)
        steps.done(content.editor.fullname)
        summary.leader_created = _ensure_leader(portal, content.leader)
        steps.done(content.leader.fullname)
        for dataset in datasets:
            _load_dataset(portal, dataset, summary)
            steps.done(dataset.title)
    finally:
        portal.close()
    return summary


class _Steps:
    """Counts the steps and calls the reporter."""

    def __init__(self, total: int, report: Report | None) -> None:
        self._total, self._report, self._count = total, report, 0

    def done(self, title: str) -> None:
        self._count += 1
        if self._report:
            self._report(self._count, self._total, title)


def _create_organisation(portal: Portal, agency: Organisation) -> None:
    fields: dict[str, Any] = {
        "name": agency.name,
        "title": agency.title,
        "title_en": agency.title_en,
        "description": agency.description,
        "identifier": agency.identifier,
        "agency_level": agency.level,
        "email": agency.contact["email"],
        "telephone": agency.telephone,
        "url": agency.url,
        "address": agency.address,
    }
    if agency.parent:
        # CKAN stores the hierarchy as membership: the parent is a group of the child.
        fields["groups"] = [{"name": agency.parent}]
    portal.call("organization_create", f"organisation {agency.name}", **fields)


def _name_focal_points(portal: Portal, agency: Organisation) -> None:
    """Create focal points for the roles of an agency that have none."""
    subject = f"focal points of {agency.name}"
    registered = portal.call("nd47_focal_point_list", subject, agency=agency.name, all_terms=True)
    roles = {result["role"] for result in registered["results"]}
    for focal_point in agency.focal_points:
        if focal_point["role"] not in roles:
            portal.call("nd47_focal_point_create", subject, agency=agency.name, **focal_point)


def _ensure_editor(portal: Portal, editor: Account) -> bool:
    """Make the data officer an editor of the department; create the account if it is missing."""
    created = ensure_account(portal, editor)
    portal.call(
        "organization_member_create",
        f"user {editor.name}",
        id=editor.organisation,
        username=editor.name,
        role="editor",
    )
    return created


def _ensure_leader(portal: Portal, leader: Account) -> bool:
    """Make the account the leader of the agency, on a portal that has leaders."""
    subject = f"user {leader.name}"
    if "nd47_desk" not in portal.call("status_show", "status")["extensions"]:
        return False
    created = ensure_account(portal, leader)
    portal.call("nd47_account_role_grant", subject, agency=leader.organisation, user=leader.name)
    return created


def ensure_account(portal: Portal, account: Account) -> bool:
    """Create an account if it is missing, and return whether it was.

    An account made here has a password that nobody knows: a portal's owner sets one, or creates
    the account before the load.
    """
    subject = f"user {account.name}"
    if portal.find("user_show", subject, id=account.name) is not None:
        return False
    portal.call(
        "user_create",
        subject,
        name=account.name,
        fullname=account.fullname,
        email=account.email,
        password=secrets.token_urlsafe(24),
    )
    return True


def _load_dataset(portal: Portal, dataset: Dataset, summary: Summary) -> None:
    subject = f"dataset {dataset.name}"
    existing = portal.find("package_show", subject, id=dataset.name)
    if existing is None:
        existing = create_draft(portal, dataset)
        summary.datasets_created += 1
    elif existing["state"] == "deleted":
        summary.datasets_deleted_by_users += 1
        return
    elif _is_finished(existing, dataset):
        summary.datasets_unchanged += 1
        return
    else:
        summary.datasets_completed += 1
    summary.files_uploaded += complete(portal, dataset, existing)


def create_draft(portal: Portal, dataset: Dataset) -> dict[str, Any]:
    """Create a draft that names its files, and return it."""
    return portal.call(
        "package_create",
        f"dataset {dataset.name}",
        **dataset.metadata,
        state="draft",
        resources=[_resource(file) for file in dataset.files],
    )


def _missing_files(existing: dict[str, Any], dataset: Dataset) -> dict[str, DataFile]:
    """Return the files to upload by the id of their resource.

    Only an upload gives a resource its size. A resource that a user took away stays away.
    """
    files = {file.name: file for file in dataset.files}
    return {
        resource["id"]: files[resource["name"]]
        for resource in existing["resources"]
        if not resource.get("size") and resource["name"] in files
    }


def _is_finished(existing: dict[str, Any], dataset: Dataset) -> bool:
    if existing["state"] == "draft" and dataset.state != "draft":
        return False
    return existing["state"] == "active" or not _missing_files(existing, dataset)


def complete(portal: Portal, dataset: Dataset, existing: dict[str, Any]) -> int:
    """Upload the files that are missing, publish what is no draft; return the number of files."""
    subject = f"dataset {dataset.name}"
    missing = _missing_files(existing, dataset)
    changes = {} if dataset.state == "draft" else {"state": "active"}
    if missing:
        portal.revise(existing["id"], subject, changes, missing)
    elif changes:
        portal.call("package_patch", subject, id=existing["id"], **changes)
    return len(missing)


def _resource(file: DataFile) -> dict[str, str]:
    fields = {
        "name": file.name,
        "description": file.description,
        "format": file.format,
        "mimetype": file.mimetype,
        "publication_method": "goi-tai-ve",
        "period": file.period,
        "data_dictionary": file.data_dictionary,
        "url": file.filename,
        "url_type": "upload",
    }
    return {key: content for key, content in fields.items() if content}
