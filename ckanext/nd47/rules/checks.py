"""The checks of the rules, one function for each name under `check` in `rules.yaml`.

In case of doubt the dataset passes: an unknown format or licence does not fail a check.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from dateutil.relativedelta import relativedelta

from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.language.text import nfc
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import dataset_reader, update_state
from ckanext.nd47.rules.subject import (
    MET,
    NOT_APPLICABLE,
    Subject,
    Verdict,
    day,
    met_if,
    name_of,
    unmet,
)

Check = Callable[[Subject], Verdict]

CHECKS: dict[str, Check] = {}
"""The checks by name."""

WEB_SCHEMES = ("http://", "https://", "ftp://", "ftps://")
DOCUMENTS = "van-ban"
"""Open-data category of texts, which need not be machine-readable."""
UNKNOWN_FREQUENCY = "khong-xac-dinh"
SERVICE = "dich-vu-chia-se"
FEE_FIELDS = ("price", "fee", "cost", "charge")
NOTHING = frozenset({"", "0", "0.0", "0.00", "free", "miễn phí", "không", "no", "none"})
"""Values of a fee field that mean free of charge."""
SOURCE_PARTS = ("name", "purpose", "scope", "collection", "updating")
CONTACT_PARTS = ("name", "position", "function", "telephone", "email")
PRIVATE_MAIL = frozenset(
    {
        "gmail.com",
        "googlemail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "msn.com",
        "outlook.com",
        "outlook.com.vn",
        "proton.me",
        "yahoo.com",
        "yahoo.com.vn",
        "ymail.com",
    }
)
"""Providers of personal mailboxes."""
MOBILE = re.compile(r"(?:0|84)[35789][0-9]{8}")
"""Mobile telephone numbers, digits only; office numbers begin with 02."""
PERSON = re.compile(
    "(ông|bà|anh|chị|nguyễn|nguyen|trần|tran|lê|phạm|hoàng|huỳnh|phan|vũ|võ|đặng|bùi|đỗ|hồ|ngô|dương"
    "|lý|đinh|trịnh|mai|đào|lương|lưu|trương|hà|cao|tạ|châu|thái|quách|lâm|phùng|kiều|nông) .+"
)
"""A name of a person: a form of address or a common family name, followed by more. Diacritics
matter: “Trường” is a school, “Trương” a family name."""
MONTHS_TO_UPDATE = 3
"""Decree 47/2020/NĐ-CP, Article 20(3)."""


def check(function: Check) -> Check:
    """Register a check under the name of the function."""
    CHECKS[function.__name__] = function
    return function


@check
def online_access(subject: Subject) -> Verdict:
    """At least one resource is an uploaded file or has a complete web address."""
    return met_if(
        any(
            resource.get("url_type")
            or str(resource.get("url") or "").lower().startswith(WEB_SCHEMES)
            for resource in subject.resources
        )
    )


@check
def open_format(subject: Subject) -> Verdict:
    """At least one resource is in an open format, or in one that the list does not classify."""
    if not subject.resources:
        return NOT_APPLICABLE
    if any(term is None or term["open"] is not False for term in subject.formats):
        return MET
    return unmet(formats=subject.format_names)


@check
def machine_readable(subject: Subject) -> Verdict:
    """At least one resource is machine-readable, unless the data are texts."""
    has_formats = subject.formats or subject.faulty
    if not has_formats or subject.text("open_data_category") == DOCUMENTS:
        return NOT_APPLICABLE
    if any(term is None or term["machine_readable"] is not False for term in subject.formats):
        return MET
    return unmet(formats=subject.format_names)


@check
def free_access(subject: Subject) -> Verdict:
    """Open data are public without conditions."""
    disclosure = subject.text("access_rights")
    if disclosure not in vocabulary.get("disclosure"):
        return NOT_APPLICABLE
    return met_if(disclosure == dataset_reader.PUBLIC)


@check
def free_of_charge(subject: Subject) -> Verdict:
    """No field of the dataset states a price; other schemas may have such fields."""
    priced = [name for name in FEE_FIELDS if subject.text(name).casefold() not in NOTHING]
    return unmet(field=priced[0], names=", ".join(priced)) if priced else MET


@check
def open_licence(subject: Subject) -> Verdict:
    """CKAN lists the licence as open."""
    return met_if(subject.has_open_licence)


@check
def licence_of_law(subject: Subject) -> Verdict:
    """The licence is that of the legal edition that the portal applies."""
    edition = vocabulary.term("legal-edition", subject.edition)
    if not subject.text("license_id") or edition is None:
        return NOT_APPLICABLE
    return met_if(subject.text("license_id") == edition["licence"])


@check
def attribution(subject: Subject) -> Verdict:
    """There is an agency to name in a citation, or an attribution text."""
    return met_if(any(map(subject.text, ("owner_org", "responsible_agency", "attribution"))))


@check
def integrity_recorded(subject: Subject) -> Verdict:
    """Each file has a size or checksum, and is whole; a service has neither."""
    # Not a dictionary by name: two files may have the same name.
    files = [
        (name_of(resource, number), resource)
        for number, resource in enumerate(subject.resources, start=1)
        if resource.get("publication_method") != SERVICE
    ]
    sums = ("size", "checksum", "hash")
    unmeasured = [
        name
        for name, resource in files
        if resource in subject.faulty or not any(resource.get(field) for field in sums)
    ]
    if not files:
        return NOT_APPLICABLE
    return unmet(files=", ".join(unmeasured)) if unmeasured else MET


@check
def described(subject: Subject) -> Verdict:
    """There is a description."""
    return met_if(subject.text("notes"))


@check
def up_to_date(subject: Subject) -> Verdict:
    """The next update is not overdue."""
    due = update_state.next_due(subject.dataset)
    if due is None:
        return NOT_APPLICABLE
    if due >= subject.today:
        return MET
    updated = day(dataset_reader.updated(subject.dataset))
    return unmet(
        due=values.day_first(str(due)), updated=values.day_first(str(updated)) if updated else "–"
    )


@check
def frequency_stated(subject: Subject) -> Verdict:
    """The update frequency is stated, and not as unknown."""
    return met_if(subject.text("frequency") not in {"", UNKNOWN_FREQUENCY})


@check
def updated_after_publication(subject: Subject) -> Verdict:
    """Data that change within three months of publication were updated by then."""
    issued = subject.issued
    if issued is None:
        return NOT_APPLICABLE
    limit = issued + relativedelta(months=MONTHS_TO_UPDATE)
    as_published = {"frequency": subject.text("frequency"), "modified": issued.isoformat()}
    first_update = update_state.next_due(as_published)
    if first_update is None or first_update > limit or subject.today <= limit:
        return NOT_APPLICABLE
    updated = day(dataset_reader.updated(subject.dataset))
    if updated is not None and updated > issued:
        return MET
    return unmet(issued=values.day_first(str(issued)))


@check
def publication_method(subject: Subject) -> Verdict:
    """Each resource states its publication method."""
    if not subject.resources:
        return NOT_APPLICABLE
    missing = [
        name_of(resource, number)
        for number, resource in enumerate(subject.resources, start=1)
        if not resource.get("publication_method")
    ]
    return unmet(files=", ".join(missing)) if missing else MET


@check
def national_portal(subject: Subject) -> Verdict:
    """The address on the national portal or the day of submission is recorded."""
    return met_if(
        any(
            group.get("url") or group.get("sent_date")
            for group in subject.groups("national_portal")
        )
    )


@check
def catalogue_entry(subject: Subject) -> Verdict:
    """The decision that issued the catalogue is stated with number and date."""
    return met_if(
        any(
            group.get("decision_number") and group.get("decision_date")
            for group in subject.groups("catalogue_entry")
        )
    )


@check
def personal_data_assessment(subject: Subject) -> Verdict:
    """The assessment of personal data is recorded: as such, or by decisions about the files."""
    facts = subject.file_facts.values()
    is_decided = any(file.decided for file in facts) and not any(file.undecided for file in facts)
    return met_if(
        is_decided
        or any(
            assessment.get("content") for assessment in subject.groups("personal_data_assessment")
        )
    )


@check
def personal_data_decision(subject: Subject) -> Verdict:
    """Somebody has decided about the personal data that the check found in the files."""
    facts = subject.file_facts
    undecided = [
        name_of(resource, number)
        for number, resource in enumerate(subject.resources, start=1)
        if (known := facts.get(str(resource.get("id")))) and known.undecided
    ]
    if not any(file.undecided or file.decided for file in facts.values()):
        return NOT_APPLICABLE
    return unmet(files=", ".join(undecided)) if undecided else MET


@check
def security_assessment(subject: Subject) -> Verdict:
    """The assessment of safety and security is recorded with its findings."""
    return met_if(
        any(assessment.get("content") for assessment in subject.groups("security_assessment"))
    )


@check
def feedback_contact(subject: Subject) -> Verdict:
    """A contact has an e-mail address or a telephone number."""
    return met_if(
        any(contact.get("email") or contact.get("telephone") for contact in subject.contacts)
    )


@check
def office_contact(subject: Subject) -> Verdict:
    """No contact entered in the dataset seems to have a personal mailbox or number."""
    contacts = subject.groups("contact")
    if not contacts:
        return NOT_APPLICABLE
    return met_if(not any(map(_is_private, contacts)))


def _is_private(contact: Mapping[str, Any]) -> bool:
    domain = str(contact.get("email") or "").strip().lower().rpartition("@")[2]
    digits = re.sub(r"\D", "", str(contact.get("telephone") or ""))
    name = nfc(str(contact.get("name") or "")).strip().casefold()
    is_personal = bool(MOBILE.fullmatch(digits) and PERSON.fullmatch(name))
    return domain in PRIVATE_MAIL or is_personal


@check
def focal_point(subject: Subject) -> Verdict:
    """One contact has all details that must be public."""
    return met_if(any(all(map(contact.get, CONTACT_PARTS)) for contact in subject.contacts))


@check
def openness_stated(subject: Subject) -> Verdict:
    """Disclosure is stated; the sharing class, which only the nd47 schema has, follows from it."""
    return met_if(subject.text("access_rights"))


@check
def disclosure_consistent(subject: Subject) -> Verdict:
    """Data marked as not public have no resource that everybody can download."""
    disclosure = subject.text("access_rights")
    if not disclosure or subject.is_private:
        return NOT_APPLICABLE
    return met_if(disclosure != dataset_reader.NOT_PUBLIC or not subject.resources)


@check
def source_stated(subject: Subject) -> Verdict:
    """The source of the data is stated."""
    has_name = any(database.get("name") for database in subject.groups("source_database"))
    return met_if(subject.text("provenance") or has_name)


@check
def source_database(subject: Subject) -> Verdict:
    """A source database is described with all details that the law requires."""
    databases = subject.groups("source_database")
    if not databases:
        return NOT_APPLICABLE
    return met_if(all(all(map(database.get, SOURCE_PARTS)) for database in databases))


@check
def yearly_check(subject: Subject) -> Verdict:
    """Data published more than a year ago were checked within a year, with a written result."""
    year_ago = subject.today - relativedelta(years=1)
    if subject.issued is None or subject.issued > year_ago:
        return NOT_APPLICABLE
    return met_if(
        any(
            (checked := day(str(yearly.get("date") or ""))) is not None
            and checked >= year_ago
            and yearly.get("result")
            and yearly.get("document")
            for yearly in subject.groups("yearly_check")
        )
    )


@check
def usage_regulation(subject: Subject) -> Verdict:
    """There is a link to the regulation on using the data."""
    return met_if(subject.text("usage_regulation"))


@check
def basis_in_force(subject: Subject) -> Verdict:
    """One legal basis of the dataset was in force for open data when it was published."""
    instruments = vocabulary.get("instrument")
    terms = [
        term
        for code in subject.codes("applicable_legislation")
        if (term := instruments.term(code)) is not None
    ]
    issued = subject.issued
    if not terms or issued is None:
        return NOT_APPLICABLE
    if any(_had_force(term, issued) for term in terms):
        return MET
    names = ", ".join(term["short"] or term.code for term in terms)
    return unmet(instruments=names, issued=values.day_first(str(issued)))


def _had_force(instrument: vocabulary.Term, issued: dt.date) -> bool:
    last = _last_day(instrument)
    begun = instrument.valid_from is None or instrument.valid_from <= issued
    return begun and (last is None or issued <= last)


def _last_day(instrument: vocabulary.Term) -> dt.date | None:
    until = instrument["open_data_until"]
    return day(str(until)) if until else instrument.valid_to
