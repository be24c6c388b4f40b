"""The dataset that the checks look at, and the verdict of a check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies.contacts import Contact
from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import dataset_reader, files
from ckanext.nd47.rules import file_facts

NO_FACTS: Mapping[str, str] = MappingProxyType({})
FIRST_DAY = "YYYY-01-01"


@dataclass(frozen=True)
class Verdict:
    """Result of a check.

    Attributes:
        met: whether the dataset meets the rule; None if the rule does not apply to it.
        facts: values for the placeholders of the message, in no language.
        field: the field at fault, if it is not the first field of the rule.
    """

    met: bool | None
    facts: Mapping[str, str] = field(default_factory=lambda: NO_FACTS)
    field: str = ""


MET = Verdict(met=True)
NOT_APPLICABLE = Verdict(met=None)


def unmet(field: str = "", **facts: str) -> Verdict:
    """Return the verdict for a dataset that does not meet a rule."""
    return Verdict(met=False, facts=facts, field=field)


def met_if(condition: object) -> Verdict:
    """Return the verdict of a rule whose message has no placeholders."""
    return MET if condition else unmet()


class Subject:
    """A dataset under examination; computes once what several checks use.

    Args:
        dataset: a dataset as `package_show` returns it, with `isopen`.
        edition: code of the legal edition.
        today: the current day; default: today in Vietnam.
    """

    def __init__(
        self, dataset: dataset_reader.Dataset, edition: str, today: dt.date | None = None
    ) -> None:
        self.dataset = dataset
        self.edition = edition
        self.today = today or dt.datetime.now(values.VIETNAM).date()
        self._texts: dict[str, str] = {}

    def text(self, name: str) -> str:
        """Return a field as text."""
        if name not in self._texts:
            self._texts[name] = dataset_reader.text(self.dataset, name).strip()
        return self._texts[name]

    def codes(self, name: str) -> list[str]:
        """Return a field with several values."""
        return dataset_reader.codes(self.dataset, name)

    def groups(self, name: str) -> list[dict[str, Any]]:
        """Return the groups of subfields of a field."""
        return dataset_reader.groups(self.dataset, name)

    @cached_property
    def resources(self) -> list[dict[str, Any]]:
        """The resources, with the field names of our schema."""
        return dataset_reader.resources(self.dataset)

    @cached_property
    def contacts(self) -> list[Contact]:
        """The contact points: those of the dataset, otherwise the focal points of its agency."""
        return dataset_reader.contacts(self.dataset)

    @cached_property
    def claims_openness(self) -> bool:
        """Whether the dataset claims to be open data.

        A dataset of another schema, without these fields, does so by its open licence.
        """
        sharing = self.text("sharing_class")
        return sharing == dataset_reader.OPEN_CLASS or not sharing and self.has_open_licence

    @cached_property
    def is_private(self) -> bool:
        """Whether only members of the agency see the dataset."""
        return tk.asbool(self.dataset.get("private") or False)

    @cached_property
    def has_open_licence(self) -> bool:
        """Whether CKAN knows the licence as open."""
        return self.dataset.get("isopen") is True

    @cached_property
    def file_facts(self) -> file_facts.Facts:
        """What is known of the files themselves, by the id of the resource."""
        return file_facts.of(self.dataset)

    @cached_property
    def faulty(self) -> list[Mapping[str, Any]]:
        """The resources whose files nothing can be read from."""
        facts = self.file_facts
        return [
            resource
            for resource in self.resources
            if (known := facts.get(str(resource.get("id")))) and not known.is_whole
        ]

    @cached_property
    def formats(self) -> list[vocabulary.Term | None]:
        """The formats as terms of the vocabulary, None for an unknown format.

        Files that nothing can be read from are left out; they have no format.
        """
        readable = [resource for resource in self.resources if resource not in self.faulty]
        names = [self._format_of(resource) for resource in readable]
        return [files.recognise_format(name) for name in names if name]

    @cached_property
    def format_names(self) -> str:
        """The formats as the dataset names them, or as the files are, each once."""
        names = [self._format_of(resource) for resource in self.resources]
        return ", ".join(dict.fromkeys(name for name in names if name)) or "–"

    def _format_of(self, resource: Mapping[str, Any]) -> str:
        known = self.file_facts.get(str(resource.get("id")))
        stated = str(resource.get("format") or "").strip()
        return known.format if known and known.format else stated

    @cached_property
    def is_public(self) -> bool:
        """Whether everybody sees the dataset: it is neither a draft nor private."""
        return not self.text("state").startswith("draft") and not self.is_private

    @cached_property
    def issued(self) -> dt.date | None:
        """The day of publication, otherwise the day on which the dataset was created.

        What is not public yet counts as published today, as it would be if it were published now.
        """
        if stated := day(self.text("issued")):
            return stated
        if not self.is_public:
            return self.today
        return day(dataset_reader.day_in_vietnam(self.text("metadata_created")))


def day(text: str) -> dt.date | None:
    """Return a stored date; a month or a year counts from its first day."""
    try:
        checked = values.date(text)
    except ValueError:
        return None
    return dt.date.fromisoformat(checked + FIRST_DAY[len(checked) :])


def name_of(resource: Mapping[str, Any], number: int) -> str:
    """Return the name of a resource: its title, otherwise its file name, otherwise its number."""
    title = str(resource.get("name") or "").strip()
    return title or str(resource.get("url") or "").rstrip("/").rpartition("/")[2] or str(number)
