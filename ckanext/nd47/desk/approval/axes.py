"""The three axes of a dataset: approval, publication and validity, as tables of transitions.

Pure: nothing here reads or writes. The codes are those of the vocabularies `approval-status`,
`publication-status` and `validity-status`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar


class Approval(str, Enum):
    """Where the request for approval stands."""

    DRAFT = "nhap"
    WAITING = "cho-duyet"
    CHANGES_ASKED = "yeu-cau-chinh-sua"
    REFUSED = "tu-choi"
    APPROVED = "da-duyet"


class Publication(str, Enum):
    """Whether the dataset is public."""

    NOT_YET = "chua-cong-bo"
    SCHEDULED = "hen-gio"
    PUBLISHED = "da-cong-bo"
    SUSPENDED = "tam-dung"
    WITHDRAWN = "thu-hoi"


class Validity(str, Enum):
    """Whether the data are in use."""

    IN_USE = "dang-su-dung"
    ENDED = "ngung-su-dung"


class Event(str, Enum):
    """What happens to a dataset.

    `PASS` is an approval by a step that is not the last, `CHANGE` a change of the content or of the
    proposed change, `DISCARD` a request or a proposed change that is taken back, `PLAN` a moment
    that is chosen before the approval, `FAIL` a publication that the rules refuse at its moment.
    `OPEN` and `HIDE` are changes of the visibility that need no approval.
    """

    SEND = "send"
    PASS = "pass"  # noqa: S105 - no password
    APPROVE = "approve"
    ASK_CHANGES = "ask-changes"
    REFUSE = "refuse"
    CHANGE = "change"
    DISCARD = "discard"
    PLAN = "plan"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    PUBLISH = "publish"
    FAIL = "fail"
    OPEN = "open"
    HIDE = "hide"
    SUSPEND = "suspend"
    RESUME = "resume"
    WITHDRAW = "withdraw"


@dataclass(frozen=True)
class State:
    """The state of a dataset on the three axes."""

    approval: Approval = Approval.DRAFT
    publication: Publication = Publication.NOT_YET
    validity: Validity = Validity.IN_USE


class NotPossibleError(ValueError):
    """The event is not possible in this state."""


Code = TypeVar("Code", Approval, Publication, Validity)

_A, _P, _V = Approval, Publication, Validity

APPROVAL: Mapping[Event, Mapping[Approval, Approval]] = {
    Event.SEND: dict.fromkeys(_A, _A.WAITING),
    Event.PASS: {_A.WAITING: _A.WAITING},
    Event.APPROVE: {_A.WAITING: _A.APPROVED},
    Event.ASK_CHANGES: {_A.WAITING: _A.CHANGES_ASKED},
    Event.REFUSE: {_A.WAITING: _A.REFUSED},
    Event.CHANGE: {**{code: code for code in _A}, _A.APPROVED: _A.DRAFT},
    Event.DISCARD: {code: _A.DRAFT for code in _A if code is not _A.APPROVED},
    Event.OPEN: dict.fromkeys(_A, _A.DRAFT),
}
"""By event, the approval afterwards by that before; events that are missing change nothing."""

PUBLICATION: Mapping[Event, Mapping[Publication, Publication]] = {
    Event.CHANGE: {**{code: code for code in _P}, _P.SCHEDULED: _P.NOT_YET},
    Event.SCHEDULE: dict.fromkeys((_P.NOT_YET, _P.SCHEDULED, _P.WITHDRAWN), _P.SCHEDULED),
    Event.UNSCHEDULE: {_P.SCHEDULED: _P.NOT_YET},
    Event.PUBLISH: {code: _P.PUBLISHED for code in _P if code is not _P.PUBLISHED},
    Event.FAIL: {_P.SCHEDULED: _P.NOT_YET},
    Event.OPEN: {code: _P.PUBLISHED for code in _P if code is not _P.PUBLISHED},
    Event.HIDE: {_P.PUBLISHED: _P.SUSPENDED},
    Event.SUSPEND: {_P.PUBLISHED: _P.SUSPENDED},
    Event.RESUME: {_P.SUSPENDED: _P.PUBLISHED},
    Event.WITHDRAW: dict.fromkeys((_P.PUBLISHED, _P.SUSPENDED), _P.WITHDRAWN),
}

VALIDITY: Mapping[Event, Mapping[Validity, Validity]] = {
    Event.PUBLISH: dict.fromkeys(_V, _V.IN_USE),
    Event.OPEN: dict.fromkeys(_V, _V.IN_USE),
    Event.WITHDRAW: dict.fromkeys(_V, _V.ENDED),
}


def after(state: State, event: Event) -> State:
    """Return the state after an event.

    Raises:
        NotPossibleError: the event is not possible in this state.
    """
    return State(
        _next(APPROVAL, state.approval, event),
        _next(PUBLICATION, state.publication, event),
        _next(VALIDITY, state.validity, event),
    )


def is_possible(state: State, event: Event) -> bool:
    """Return whether an event is possible in a state."""
    try:
        after(state, event)
    except NotPossibleError:
        return False
    return True


def _next(table: Mapping[Event, Mapping[Code, Code]], code: Code, event: Event) -> Code:
    if event not in table:
        return code
    if code not in table[event]:
        message = f"{event.value} in {code.value}"
        raise NotPossibleError(message)
    return table[event][code]
