"""The three axes against a model that is written without their tables."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.nd47.desk.approval import axes
from ckanext.nd47.desk.approval.axes import Approval, Event, Publication, State, Validity
from ckanext.nd47.lib.vocabularies import vocabulary

EVENTS = st.lists(st.sampled_from(Event), max_size=40)


@pytest.fixture(autouse=True)
def no_datasets() -> None:
    """The machines need no database."""


class Desk:
    """A desk with one dataset: what a clerk would write down, in sentences."""

    def __init__(self) -> None:
        self.tray = "drawer"
        self.wall = "blank"
        self.stamp = "good"

    def possible(self, event: Event) -> bool:
        """Whether a clerk would do it."""
        answers = (Event.PASS, Event.APPROVE, Event.ASK_CHANGES, Event.REFUSE)
        if event in answers:
            return self.tray == "in"
        if event in (Event.PUBLISH, Event.OPEN):
            return self.wall != "hangs"
        if event in (Event.HIDE, Event.SUSPEND):
            return self.wall == "hangs"
        if event is Event.RESUME:
            return self.wall == "turned"
        if event is Event.WITHDRAW:
            return self.wall in ("hangs", "turned")
        if event is Event.SCHEDULE:
            return self.wall in ("blank", "clock", "taken")
        if event in (Event.UNSCHEDULE, Event.FAIL):
            return self.wall == "clock"
        if event is Event.DISCARD:
            return self.tray != "out"
        return True

    def do(self, event: Event) -> None:
        """Do it."""
        if event is Event.SEND:
            self.tray = "in"
        elif event is Event.APPROVE:
            self.tray = "out"
        elif event is Event.ASK_CHANGES:
            self.tray = "back"
        elif event is Event.REFUSE:
            self.tray = "bin"
        elif event is Event.DISCARD:
            self.tray = "drawer"
        elif event is Event.CHANGE:
            self.tray = "drawer" if self.tray == "out" else self.tray
            self.wall = "blank" if self.wall == "clock" else self.wall
        else:
            self.hang(event)

    def hang(self, event: Event) -> None:
        """Do what concerns the wall alone."""
        if event in (Event.PUBLISH, Event.OPEN):
            self.tray = "drawer" if event is Event.OPEN else self.tray
            self.wall, self.stamp = "hangs", "good"
        elif event is Event.RESUME:
            self.wall = "hangs"
        elif event in (Event.HIDE, Event.SUSPEND):
            self.wall = "turned"
        elif event is Event.WITHDRAW:
            self.wall, self.stamp = "taken", "void"
        elif event is Event.SCHEDULE:
            self.wall = "clock"
        elif event in (Event.UNSCHEDULE, Event.FAIL):
            self.wall = "blank"

    @property
    def state(self) -> State:
        trays = {
            "drawer": Approval.DRAFT,
            "in": Approval.WAITING,
            "back": Approval.CHANGES_ASKED,
            "bin": Approval.REFUSED,
            "out": Approval.APPROVED,
        }
        walls = {
            "blank": Publication.NOT_YET,
            "clock": Publication.SCHEDULED,
            "hangs": Publication.PUBLISHED,
            "turned": Publication.SUSPENDED,
            "taken": Publication.WITHDRAWN,
        }
        stamps = {"good": Validity.IN_USE, "void": Validity.ENDED}
        return State(trays[self.tray], walls[self.wall], stamps[self.stamp])


@settings(max_examples=500, deadline=None)
@given(EVENTS)
def test_the_machines_do_what_the_model_does(events: list[Event]):
    state, desk = State(), Desk()
    for event in events:
        assert axes.is_possible(state, event) == desk.possible(event), (state, event)
        if desk.possible(event):
            state = axes.after(state, event)
            desk.do(event)
        assert state == desk.state


@settings(max_examples=300, deadline=None)
@given(EVENTS)
def test_only_three_events_make_a_dataset_public(events: list[Event]):
    state = State()
    for event in events:
        if not axes.is_possible(state, event):
            continue
        after = axes.after(state, event)
        if after.publication is Publication.PUBLISHED is not state.publication:
            assert event in (Event.PUBLISH, Event.OPEN, Event.RESUME)
        state = after


@settings(max_examples=300, deadline=None)
@given(EVENTS)
def test_nothing_is_approved_that_was_not_sent(events: list[Event]):
    state, sent = State(), False
    for event in events:
        if axes.is_possible(state, event):
            state = axes.after(state, event)
            sent = sent or event is Event.SEND
        assert sent or state.approval is Approval.DRAFT


@pytest.mark.parametrize("event", Event)
def test_what_is_not_possible_is_refused_by_name(event):
    for approval in Approval:
        for publication in Publication:
            state = State(approval, publication)
            if not axes.is_possible(state, event):
                with pytest.raises(axes.NotPossibleError, match=event.value):
                    axes.after(state, event)


@pytest.mark.parametrize(
    ("vocabulary_id", "codes"),
    [
        ("approval-status", Approval),
        ("publication-status", Publication),
        ("validity-status", Validity),
    ],
)
def test_every_state_is_in_its_vocabulary(vocabulary_id, codes):
    known = {term.code for term in vocabulary.get(vocabulary_id)}
    assert {code.value for code in codes} <= known
