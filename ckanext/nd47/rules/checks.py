"""What the rules look at in a record; each function bears the name that `rules.yaml` calls.

A check never refuses on a doubt: a format that the list does not know, or a licence that CKAN does
not know, is not held against the record.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from dateutil.relativedelta import relativedelta

from ckanext.nd47.lib import values, vocabulary
from ckanext.nd47.lib.text import nfc
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
"""Open-data category of texts, which nobody expects as tables."""
UNKNOWN_FREQUENCY = "khong-xac-dinh"
SERVICE = "dich-vu-chia-se"
FEE_FIELDS = ("price", "fee", "cost", "charge")
NOTHING = frozenset({"", "0", "0.0", "0.00", "free", "miễn phí", "không", "no", "none"})
"""What a fee field says of data that are free of charge."""
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
"""Mailboxes that anybody opens for himself."""
MOBILE = re.compile(r"(?:0|84)[35789][0-9]{8}")
"""Numbers of mobile telephones, digits alone; those of offices begin with 02."""
PERSON = re.compile(
    "(ông|bà|anh|chị|nguyễn|nguyen|trần|tran|lê|phạm|hoàng|huỳnh|phan|vũ|võ|đặng|bùi|đỗ|hồ|ngô|dương"
    "|lý|đinh|trịnh|mai|đào|lương|lưu|trương|hà|cao|tạ|châu|thái|quách|lâm|phùng|kiều|nông) .+"
)
"""A form of address or a usual family name, and more: what a person's name is like. With
diacritics, since “Trường” (school) is none, and “Trương” is one."""
MONTHS_TO_UPDATE = 3
"""Decree 47/2020/NĐ-CP, Article 20(3)."""


def check(function: Check) -> Check:
    """Make a function known under its name."""
    CHECKS[function.__name__] = function
    return function


@check
def online_access(subject: Subject) -> Verdict:
    """At least one resource is a file of the portal or has a whole web address."""
    return met_if(
        any(
            one.get("url_type") or str(one.get("url") or "").lower().startswith(WEB_SCHEMES)
            for one in subject.resources
        )
    )


@check
def open_format(subject: Subject) -> Verdict:
    """At least one resource is in an open format, or in one that the list does not judge."""
    if not subject.resources:
        return NOT_APPLICABLE
    if any(term is None or term["open"] is not False for term in subject.formats):
        return MET
    return unmet(formats=subject.format_names)


@check
def machine_readable(subject: Subject) -> Verdict:
    """At least one resource can be processed by machines, unless the data are texts."""
    if not subject.formats or subject.text("open_data_category") == DOCUMENTS:
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
    """No field of the record states a price; a schema of another portal may have one."""
    priced = [name for name in FEE_FIELDS if subject.text(name).casefold() not in NOTHING]
    return unmet(field=priced[0], names=", ".join(priced)) if priced else MET


@check
def open_licence(subject: Subject) -> Verdict:
    """The licence is one that CKAN knows as open."""
    return met_if(subject.has_open_licence)


@check
def licence_of_law(subject: Subject) -> Verdict:
    """The licence is the one with the terms of the law that the portal applies."""
    edition = vocabulary.term("legal-edition", subject.edition)
    if not subject.text("license_id") or edition is None:
        return NOT_APPLICABLE
    return met_if(subject.text("license_id") == edition["licence"])


@check
def attribution(subject: Subject) -> Verdict:
    """There is an agency to name when the data are cited, or a sentence of their own."""
    return met_if(any(map(subject.text, ("owner_org", "responsible_agency", "attribution"))))


@check
def integrity_recorded(subject: Subject) -> Verdict:
    """Each file has its size or checksum noted; a service has neither."""
    # No dictionary by name: two files may bear the same.
    files = [
        (name_of(one, number), one)
        for number, one in enumerate(subject.resources, start=1)
        if one.get("publication_method") != SERVICE
    ]
    sums = ("size", "checksum", "hash")
    bare = [name for name, one in files if not any(one.get(field) for field in sums)]
    if not files:
        return NOT_APPLICABLE
    return unmet(files=", ".join(bare)) if bare else MET


@check
def described(subject: Subject) -> Verdict:
    """There is a description."""
    return met_if(subject.text("notes"))


@check
def up_to_date(subject: Subject) -> Verdict:
    """The day by which the data were to be updated has not passed."""
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
    """Data that have news within three months of publication were updated by then."""
    issued = subject.issued
    if issued is None:
        return NOT_APPLICABLE
    limit = issued + relativedelta(months=MONTHS_TO_UPDATE)
    as_published = {"frequency": subject.text("frequency"), "modified": issued.isoformat()}
    first_news = update_state.next_due(as_published)
    if first_news is None or first_news > limit or subject.today <= limit:
        return NOT_APPLICABLE
    updated = day(dataset_reader.updated(subject.dataset))
    if updated is not None and updated > issued:
        return MET
    return unmet(issued=values.day_first(str(issued)))


@check
def publication_method(subject: Subject) -> Verdict:
    """Each resource says in which way it is published."""
    if not subject.resources:
        return NOT_APPLICABLE
    silent = [
        name_of(one, number)
        for number, one in enumerate(subject.resources, start=1)
        if not one.get("publication_method")
    ]
    return unmet(files=", ".join(silent)) if silent else MET


@check
def national_portal(subject: Subject) -> Verdict:
    """The address on the national portal or the day of sending is noted."""
    return met_if(
        any(one.get("url") or one.get("sent_date") for one in subject.groups("national_portal"))
    )


@check
def catalogue_entry(subject: Subject) -> Verdict:
    """The decision that issued the catalogue is named by number and day."""
    return met_if(
        any(
            one.get("decision_number") and one.get("decision_date")
            for one in subject.groups("catalogue_entry")
        )
    )


@check
def personal_data_assessment(subject: Subject) -> Verdict:
    """The risk for personal data was assessed, and what was found is written down."""
    return met_if(any(one.get("content") for one in subject.groups("personal_data_assessment")))


@check
def security_assessment(subject: Subject) -> Verdict:
    """The risks to safety and security were assessed, and what was found is written down."""
    return met_if(any(one.get("content") for one in subject.groups("security_assessment")))


@check
def feedback_contact(subject: Subject) -> Verdict:
    """Somebody can be reached by e-mail or telephone."""
    return met_if(any(one.get("email") or one.get("telephone") for one in subject.contacts))


@check
def office_contact(subject: Subject) -> Verdict:
    """No contact that is spelled out has what looks like a person's own mailbox or number."""
    contacts = subject.groups("contact")
    if not contacts:
        return NOT_APPLICABLE
    return met_if(not any(map(_is_private, contacts)))


def _is_private(contact: Mapping[str, Any]) -> bool:
    domain = str(contact.get("email") or "").strip().lower().rpartition("@")[2]
    digits = re.sub(r"\D", "", str(contact.get("telephone") or ""))
    name = nfc(str(contact.get("name") or "")).strip().casefold()
    is_persons = bool(MOBILE.fullmatch(digits) and PERSON.fullmatch(name))
    return domain in PRIVATE_MAIL or is_persons


@check
def focal_point(subject: Subject) -> Verdict:
    """One contact has all the particulars that are to be public."""
    return met_if(any(all(map(one.get, CONTACT_PARTS)) for one in subject.contacts))


@check
def openness_stated(subject: Subject) -> Verdict:
    """Disclosure is stated; the sharing class, which only our schema has, follows from it."""
    return met_if(subject.text("access_rights"))


@check
def disclosure_consistent(subject: Subject) -> Verdict:
    """Data that are marked as not public have no resource that everybody can download."""
    disclosure = subject.text("access_rights")
    if not disclosure or subject.is_private:
        return NOT_APPLICABLE
    return met_if(disclosure != dataset_reader.NOT_PUBLIC or not subject.resources)


@check
def source_stated(subject: Subject) -> Verdict:
    """The record says where the data come from."""
    named = any(one.get("name") for one in subject.groups("source_database"))
    return met_if(subject.text("provenance") or named)


@check
def source_database(subject: Subject) -> Verdict:
    """A source database that is named is described as the law wants it."""
    found = subject.groups("source_database")
    if not found:
        return NOT_APPLICABLE
    return met_if(all(all(map(one.get, SOURCE_PARTS)) for one in found))


@check
def yearly_check(subject: Subject) -> Verdict:
    """Data published more than a year ago were checked within a year, with a written result."""
    year_ago = subject.today - relativedelta(years=1)
    if subject.issued is None or subject.issued > year_ago:
        return NOT_APPLICABLE
    return met_if(
        any(
            (checked := day(str(one.get("date") or ""))) is not None
            and checked >= year_ago
            and one.get("result")
            and one.get("document")
            for one in subject.groups("yearly_check")
        )
    )


@check
def usage_regulation(subject: Subject) -> Verdict:
    """The regulation on using the data is linked."""
    return met_if(subject.text("usage_regulation"))


@check
def basis_in_force(subject: Subject) -> Verdict:
    """One instrument that the record names was in force for open data when it was published."""
    known = vocabulary.get("instrument")
    named = [
        term
        for code in subject.codes("applicable_legislation")
        if (term := known.term(code)) is not None
    ]
    issued = subject.issued
    if not named or issued is None:
        return NOT_APPLICABLE
    if any(_had_force(term, issued) for term in named):
        return MET
    names = ", ".join(term["short"] or term.code for term in named)
    return unmet(instruments=names, issued=values.day_first(str(issued)))


def _had_force(instrument: vocabulary.Term, issued: dt.date) -> bool:
    last = _last_day(instrument)
    begun = instrument.valid_from is None or instrument.valid_from <= issued
    return begun and (last is None or issued <= last)


def _last_day(instrument: vocabulary.Term) -> dt.date | None:
    until = instrument["open_data_until"]
    return day(str(until)) if until else instrument.valid_to
