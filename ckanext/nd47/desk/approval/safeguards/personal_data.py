"""New findings of personal data in a published dataset wait for approval, as a change does.

The data are public already, so nothing is held back: who approves the agency's publications sees
what was found and decided, and approves it or has the dataset suspended.
"""

from __future__ import annotations

import ckan.plugins as p
from ckan import model

from ckanext.nd47.desk.approval import cases
from ckanext.nd47.desk.approval import model as tables
from ckanext.nd47.desk.approval.axes import Event
from ckanext.nd47.desk.approval.cases import Said
from ckanext.nd47.desk.approval.safeguards import guard
from ckanext.nd47.lib import config
from ckanext.nd47.metadata import harvested
from ckanext.nd47.rules import file_facts, records

PLUGIN = "nd47_desk"


def install() -> None:
    """Listen to the check of the files, once for a process."""
    file_facts.changed.connect(_note)


def _note(dataset_ids: list[str]) -> None:
    """Note new personal data of published datasets, in the transaction that finds them."""
    if not p.plugin_loaded(PLUGIN) or config.PERSONAL_DATA not in config.approval_fields():
        return
    if not tables.ready():
        return
    for dataset in records.by_ids(dataset_ids):
        if guard.is_governed(dataset["type"]) and cases.is_public(
            dataset["state"], dataset["private"]
        ):
            _note_one(dataset)


def _note_one(dataset: records.Record) -> None:
    facts = file_facts.of(dataset)
    names = [
        str(resource["name"] or resource["url"]).rpartition("/")[2]
        for resource in dataset["resources"]
        if resource["id"] in facts and facts[resource["id"]].undecided
    ]
    has_decided = any(file.decided for file in facts.values())
    case = cases.read(dataset["id"])
    noted = case.pending.get(config.PERSONAL_DATA) if case else None
    now = ", ".join(names)
    if (not names and (has_decided or noted is None)) or now == noted:
        return
    package = model.Session.get_one(model.Package, dataset["id"])
    is_exempt = not config.approval_of_harvests() and harvested.linked([package.id])
    if is_exempt or not guard.requires(package):
        return
    package, case = cases.lock(package.id)
    rest = {name: value for name, value in case.pending.items() if name != config.PERSONAL_DATA}
    case.pending = {**rest, config.PERSONAL_DATA: now} if names else rest
    cases.record(package, case, Event.CHANGE, Said(changes={config.PERSONAL_DATA: now}))
