"""What people do: send, take back, decide, schedule, suspend, withdraw, resume.

Every function locks the dataset and its row, looks at them as they are then, and commits. So of two
people who decide at once one decides, and the other is told what was decided.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TypedDict

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.desk.approval import axes, cases, history, publication
from ckanext.nd47.desk.approval import model as tables
from ckanext.nd47.desk.approval.axes import Approval, Event, Publication
from ckanext.nd47.desk.approval.cases import Said
from ckanext.nd47.desk.approval.model import Case, now
from ckanext.nd47.desk.approval.pages import labels
from ckanext.nd47.desk.approval.safeguards import guard
from ckanext.nd47.desk.approval.steps import approvers, chain
from ckanext.nd47.rules import gate, records

DECISIONS: Mapping[str, Event] = {
    "approve": Event.APPROVE,
    "ask-changes": Event.ASK_CHANGES,
    "refuse": Event.REFUSE,
}
"""Decisions by the word of the API."""


class Result(TypedDict):
    """What became of one dataset of a decision; `message` says why nothing did."""

    id: str
    name: str
    title: str
    done: bool
    message: str
    approval: str
    publication: str


def requires_approval(agency_id: str | None) -> bool:
    """Return whether datasets of an agency are published only after approval."""
    return tables.ready() and chain.rule_for(agency_id).required


def send(user: model.User, dataset_id: str, note: str, approver: str) -> None:
    """Send a dataset, or the changes of a published one, for approval.

    Args:
        user: who sends.
        dataset_id: the dataset.
        note: what the approver should know.
        approver: name or id of the account that it goes to; empty for all of the first step.

    Raises:
        ckan.plugins.toolkit.ValidationError: it cannot be sent; the message says why.
    """
    package, case = cases.lock(dataset_id)
    rule = chain.rule_for(package.owner_org)
    _check_sendable(package, case, rule)
    first = rule.steps[0]
    chosen = _chosen_approver(approver, first, package.owner_org)
    case.chain, case.step, case.step_kind = list(rule.steps), 0, first
    case.sender_id, case.note, case.sent = user.id, note, now()
    case.approver_id = chosen.id if chosen else ""
    case.reason = case.problem = ""
    cases.record(package, case, Event.SEND, Said(user_id=user.id, note=note, changes=case.pending))
    model.Session.commit()


def decide(
    user: model.User,
    dataset_ids: Sequence[str],
    decision: Event,
    said: Said,
    versions: Mapping[str, int],
) -> list[Result]:
    """Decide about datasets, each in a transaction of its own.

    Args:
        user: who decides.
        dataset_ids: the datasets.
        decision: one of `DECISIONS`.
        said: reason, number, date and file of the decision.
        versions: by dataset the version of its row that the decision is about; those that are
            missing are not compared.
    """
    saver = publication.publisher()
    return [
        _decide_one(saver, user, dataset_id, decision, said, versions.get(dataset_id))
        for dataset_id in dict.fromkeys(dataset_ids)
    ]


def discard(user: model.User, dataset_id: str, note: str, version: int | None) -> None:
    """Take back a request, and discard the changes of a published dataset that wait.

    Args:
        user: who takes it back.
        dataset_id: the dataset.
        note: why.
        version: version of its row that was looked at; None where it is not compared.

    Raises:
        ckan.plugins.toolkit.ValidationError: nothing waits any more, or it has changed since.
    """
    package, case = cases.lock(dataset_id)
    if not cases.waits(case):
        raise _invalid("message", _decided_before(package.id))
    if version is not None and version != case.version:
        raise _invalid("message", changed_since())
    said = Said(user_id=user.id, note=note, changes=case.pending)
    case.pending, case.changed_by, case.problem, case.reason = {}, "", "", ""
    case.sender_id = case.approver_id = case.note = ""
    case.sent, case.step, case.step_kind = None, 0, ""
    _record(package, case, Event.DISCARD, said)
    model.Session.commit()


def schedule(user: model.User, dataset_id: str, at: dt.datetime | None) -> None:
    """Choose the moment of the publication, or none.

    Before the approval the moment is kept; the approval schedules the dataset for it.

    Raises:
        ckan.plugins.toolkit.ValidationError: the moment is past, or the dataset is public.
    """
    package, case = cases.lock(dataset_id)
    if cases.is_public(package.state, package.private):
        raise _invalid("at", tk._("The dataset is published already."))
    if package.state == model.State.DELETED:
        raise _invalid("at", tk._("The dataset was deleted."))
    if at is not None and at <= now():
        raise _invalid("at", tk._("This moment is past. Choose a later one."))
    is_free = not chain.rule_for(package.owner_org).required
    if at is None:
        is_set = case.publication == Publication.SCHEDULED.value
        event = Event.UNSCHEDULE if is_set else Event.PLAN
    else:
        is_approved = case.approval == Approval.APPROVED.value
        event = Event.SCHEDULE if is_free or is_approved else Event.PLAN
        if event is Event.SCHEDULE:
            _check_rules(package)
    case.scheduled_at, case.problem = at, ""
    _record(package, case, event, Said(user_id=user.id))
    model.Session.commit()


def publish_now(user: model.User, dataset_id: str) -> None:
    """Publish an approved dataset whose moment was taken away.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is not approved, or the rules refuse it.
    """
    saver = publication.publisher()
    package, case = cases.lock(dataset_id)
    if case.approval != Approval.APPROVED.value:
        raise guard.ApprovalRequiredError(package.owner_org)
    publication.publish(saver, package, case, Said(user_id=user.id))


def stop(user: model.User, dataset_id: str, event: Event, reason: str) -> None:
    """Suspend or withdraw a published dataset.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is not published.
    """
    saver = publication.publisher()
    package, case = cases.lock(dataset_id)
    _check_possible(case, event)
    publication.hide(saver, package, case, event, Said(user_id=user.id, note=reason))


def resume(user: model.User, dataset_id: str, reason: str) -> None:
    """Make a suspended dataset public again.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is not suspended, or the rules refuse it.
    """
    saver = publication.publisher()
    package, case = cases.lock(dataset_id)
    _check_possible(case, Event.RESUME)
    if package.state == model.State.DELETED:
        raise _invalid("message", tk._("The dataset was deleted."))
    if chain.rule_for(package.owner_org).required and not approvers.may_decide_alone(
        user.id, case, package.creator_user_id
    ):
        raise _invalid("message", own_work())
    publication.resume(saver, package, case, Said(user_id=user.id, note=reason))


def changed_since() -> str:
    """Return why nobody decides about what they have not seen."""
    return tk._("It has changed since you opened the page. Look at it again, then decide.")


def own_work() -> str:
    """Return why an account does not decide about what it wrote."""
    return tk._("Who wrote or sent a dataset does not approve it. Somebody else has to.")


def _check_sendable(package: model.Package, case: Case, rule: chain.Rule) -> None:
    if package.state == model.State.DELETED:
        raise _invalid("id", tk._("The dataset was deleted."))
    if not rule.required:
        raise _invalid("id", tk._("This agency publishes without approval: publish the dataset."))
    if directory.get(package.owner_org) is None and package.owner_org:
        raise _invalid(
            "id",
            tk._(
                "The agency of the dataset was deleted. Move the dataset to another agency first."
            ),
        )
    if cases.is_public(package.state, package.private) and not case.pending:
        raise _invalid("id", tk._("The dataset is published, and no change of it waits."))
    if case.publication == Publication.SCHEDULED.value:
        raise _invalid("id", tk._("The dataset is approved and scheduled already."))
    if not cases.is_public(package.state, package.private):
        _check_rules(package)


def _check_rules(package: model.Package) -> None:
    """Refuse what could not be published after the approval either."""
    record = records.by_id(package.id)
    if record is None or not gate.rules_in_force():
        return
    if findings := gate.publication_findings(record):
        model.Session.rollback()
        raise gate.refusal(tk.ValidationError({}), record, findings)


def _chosen_approver(reference: str, step: str, agency_id: str | None) -> approvers.Person | None:
    if not reference:
        return None
    people = approvers.of_step(step, agency_id)
    chosen = next((person for person in people if reference in (person.id, person.name)), None)
    if chosen is None:
        raise _invalid("approver", tk._("This account does not approve at the first step."))
    return chosen


def _decide_one(  # noqa: PLR0913, PLR0917 - a decision
    saver: model.User,
    user: model.User,
    dataset_id: str,
    decision: Event,
    said: Said,
    version: int | None,
) -> Result:
    package, case = cases.lock(dataset_id)
    problem = _why_not(user, package, case, version)
    if not problem:
        try:
            _carry_out(saver, package, case, decision, said)
        except tk.ValidationError as error:
            problem = publication.in_words(error)
    if problem:
        model.Session.rollback()
        package = model.Session.get_one(model.Package, dataset_id)
        case = model.Session.get(Case, dataset_id) or case
    return {
        "id": dataset_id,
        "name": package.name,
        "title": package.title or package.name,
        "done": not problem,
        "message": problem,
        "approval": case.approval,
        "publication": case.publication,
    }


def _why_not(user: model.User, package: model.Package, case: Case, version: int | None) -> str:
    """Return why an account cannot decide about a locked row now; empty if it can."""
    if package.state == model.State.DELETED:
        return tk._("The dataset was deleted.")
    if case.approval != Approval.WAITING.value:
        return _decided_before(package.id)
    if version is not None and version != case.version:
        return changed_since()
    if not approvers.decides(user, case.step_kind, package.owner_org):
        return tk._("Somebody else decides at this step.")
    if not approvers.may_decide_alone(user.id, case, package.creator_user_id):
        return own_work()
    return ""


def _decided_before(dataset_id: str) -> str:
    last = history.last_decisions([dataset_id]).get(dataset_id)
    if last is None:
        return tk._("Nobody has sent this dataset for approval.")
    words = labels.events().get(last["event"], last["event"])
    return tk._("It does not wait any more. Last: {event}, {account}, {moment}.").format(
        event=words, account=last["user_title"] or "–", moment=last["moment_words"]
    )


def _carry_out(
    saver: model.User, package: model.Package, case: Case, decision: Event, said: Said
) -> None:
    """Record a decision, publish what is approved by the last step, and commit."""
    case.reason = said.note
    if decision is not Event.APPROVE:
        cases.record(package, case, decision, said)
        model.Session.commit()
        return
    if case.step + 1 < len(case.chain):
        cases.record(package, case, Event.PASS, said)
        case.step += 1
        case.step_kind, case.approver_id = case.chain[case.step], ""
        model.Session.commit()
        return
    cases.record(package, case, Event.APPROVE, said)
    by_decision = Said(user_id=said.user_id)
    is_later = case.scheduled_at is not None and case.scheduled_at > now()
    if is_later and not cases.is_public(package.state, package.private):
        cases.record(package, case, Event.SCHEDULE, by_decision)
        model.Session.commit()
        return
    publication.publish(saver, package, case, by_decision)


def _check_possible(case: Case, event: Event) -> None:
    if not axes.is_possible(cases.state_of(case), event):
        raise _invalid("message", _not_possible(case))


def _record(package: model.Package, case: Case, event: Event, said: Said) -> None:
    try:
        cases.record(package, case, event, said)
    except axes.NotPossibleError:
        raise _invalid("message", _not_possible(case)) from None


def _not_possible(case: Case) -> str:
    state = tk.h.nd47_label("publication-status", case.publication)
    return tk._("This is not possible now. State of the publication: {state}.").format(state=state)


def _invalid(name: str, message: str) -> tk.ValidationError:
    model.Session.rollback()
    return tk.ValidationError({name: [message]})
