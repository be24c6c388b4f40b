"""A column of the spreadsheet: what its cells hold, and what it is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ckan import model

from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import licence

Kind = Literal[
    "agency",
    "choice",
    "choices",
    "date",
    "group",
    "licence",
    "line",
    "lines",
    "place",
    "tags",
    "text",
]
"""What a cell holds: an agency, one or several codes, a day, a group of subfields in words, a
licence, one line, several values, a place, keywords, or a text with line breaks."""

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        path: name of the field, `group.subfield` for a subfield.
        kind: what its cells hold.
        label: its heading by language.
        help_text: its explanation by language.
        vocabulary: id of its code list.
        choices: codes with their labels by language, of a list that is no vocabulary.
        several: whether a dataset may have several groups of subfields, one on each line.
    """

    path: str
    kind: Kind
    label: Labels
    help_text: Labels = field(default_factory=dict)
    vocabulary: str = ""
    choices: Mapping[str, Labels] = field(default_factory=dict)
    several: bool = False

    @property
    def group(self) -> str:
        """The field with the subfields; empty for a plain field."""
        return self.path.partition(".")[0] if "." in self.path else ""

    @property
    def subfield(self) -> str:
        """The subfield; empty for a plain field."""
        return self.path.partition(".")[2]

    @property
    def heading(self) -> str:
        """The heading, in the language of the request."""
        return in_language(self.label) or self.path

    def code_labels(self) -> dict[str, str]:
        """Return the codes that a form offers, with their labels in the language of the request."""
        if self.kind == "licence":
            return licences()
        if self.vocabulary:
            lang = http.language()
            return {
                term.code: term.text(lang)
                for term in vocabulary.get(self.vocabulary)
                if term.offered
            }
        return {code: in_language(label) or code for code, label in self.choices.items()}

    def unknown(self, value: str | list[str]) -> str:
        """Return a value that is in no list of the column, empty if there is none.

        The validators let a draft keep codes that a portal does not have; in a table they are
        misspelled.
        """
        if self.kind not in {"choice", "choices", "licence"}:
            return ""
        values = [value] if isinstance(value, str) else value
        return next((code for code in values if code and not self._knows(code)), "")

    def _knows(self, code: str) -> bool:
        if self.kind == "licence":
            return code in model.Package.get_license_register()
        if self.vocabulary:
            return code in vocabulary.get(self.vocabulary)
        return not self.choices or code in self.choices


def in_language(labels: Labels) -> str:
    """Return the text of the language of the request, in Vietnamese if it has none."""
    return labels.get(http.language().partition("_")[0]) or labels.get("vi", "")


def licences() -> dict[str, str]:
    """Return the licences of the portal with their titles in the language of the request."""
    lang = http.language()
    register = model.Package.get_license_register()
    return {license_id: licence.title(license_id, lang) for license_id in register.keys()}  # noqa: SIM118 - no dictionary
