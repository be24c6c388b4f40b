"""Approval in three departments of the sample province, with cases in every state.

The cases are copies of published datasets, so that the rules accept them; the catalogue that the
public sees has what it had before. Running it again leaves cases alone that are there already.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from .client import LoadError, Portal
from .loader import complete, create_draft, ensure_account
from .model import Account, Dataset, Province

Step = Literal["send", "schedule", "approve", "ask-changes", "refuse", "suspend", "withdraw"]

ASK = "Đề nghị bổ sung mô tả các cột và thời điểm chốt số liệu."
REFUSE = "Dữ liệu trùng với bộ đã công bố, không công bố thêm."
SUSPEND = "Tạm dừng để rà soát số liệu theo phản ánh của người dân."
WITHDRAW = "Số liệu đã được thay thế bằng bộ dữ liệu mới."
NOTE = "Kính trình lãnh đạo xem xét, phê duyệt để công bố."
ATTEMPTS = 5
DECISION = {"decision_number": "742/QĐ-UBND", "decision_date": "2026-03-12"}


@dataclass(frozen=True)
class Case:
    """A copy of a published dataset and what happened to it.

    Attributes:
        suffix: end of its name.
        title: end of its title.
        steps: what happened, in order.
    """

    suffix: str
    title: str
    steps: tuple[Step, ...]


CASES = (
    Case("ban-thao", "bản thảo", ()),
    Case("cho-duyet", "kỳ mới", ("send",)),
    Case("can-sua", "bản rút gọn", ("send", "ask-changes")),
    Case("tu-choi", "bản trùng", ("send", "refuse")),
    Case("hen-gio", "kỳ tới", ("schedule", "send", "approve")),
    Case("tam-dung", "bản đang rà soát", ("send", "approve", "suspend")),
    Case("thu-hoi", "bản cũ", ("send", "approve", "withdraw")),
)
"""One for each state; a change of a published dataset that waits comes beside them."""


def load(content: Province, officer: Portal, approver: Callable[[], Portal]) -> int:
    """Switch the approval on and load the cases; return how many were made.

    Args:
        content: the province, whose datasets are loaded already.
        officer: the portal with the token of an administrator, who sends.
        approver: returns the portal with the token of the approver, who has an account by then.
    """
    if "nd47_desk" not in officer.call("status_show", "status")["extensions"]:
        return 0
    ensure_account(officer, content.approver)
    for agency in content.with_approval:
        _require(officer, agency, content.approver)
    # Cases of the departments in turn: each has some.
    sources = [_source(content, agency) for agency in content.with_approval]
    missing = [
        (case, sources[number % len(sources)])
        for number, case in enumerate(CASES)
        if officer.find("package_show", case.suffix, id=_name(sources[number % len(sources)], case))
        is None
    ]
    if not missing:
        return 0
    decides = approver()
    try:
        for case, source in missing:
            _make(officer, decides, case, source)
        _propose(officer, sources[0])
    finally:
        decides.close()
    return len(missing) + 1


def token_of(portal: Portal, account: Account) -> str:
    """Return an API token for the account that decides."""
    subject = f"token of {account.name}"
    made = portal.call("api_token_create", subject, user=account.name, name="sample province")
    return str(made["token"])


def _require(portal: Portal, agency: str, approver: Account) -> None:
    subject = f"approval of {agency}"
    portal.call(
        "nd47_approval_setting_update", subject, agency=agency, required=True, chain=["agency"]
    )
    portal.call(
        "nd47_account_role_grant", subject, agency=agency, user=approver.name, role="approver"
    )


def _source(content: Province, agency: str) -> Dataset:
    """Return a published dataset of an agency that meets the rules."""
    return next(
        one
        for one in content.datasets
        if one.owner == agency and one.state == "published" and not one.incomplete
    )


def _name(source: Dataset, case: Case) -> str:
    return f"{source.name}-{case.suffix}"


def _make(officer: Portal, approver: Portal, case: Case, source: Dataset) -> None:
    name = _name(source, case)
    metadata = {key: value for key, value in source.metadata.items() if key != "identifier"}
    metadata |= {"name": name, "title": f"{source.title} ({case.title})"}
    copy = replace(source, name=name, state="draft", metadata=metadata)
    made = create_draft(officer, copy)
    complete(officer, copy, made)
    for step in case.steps:
        action, arguments = _call(step, made["id"])
        decides = action == "nd47_approval_decide"
        _insist(approver if decides else officer, action, f"{step} {name}", arguments)


def _insist(portal: Portal, action: str, subject: str, arguments: Mapping[str, Any]) -> None:
    """Call an action, again if the check of a new file takes longer than the portal waits.

    Each call examines some of the files, and the next one has their results.
    """
    for _attempt in range(ATTEMPTS - 1):
        try:
            portal.call(action, subject, **arguments)
        except LoadError:
            continue
        return
    portal.call(action, subject, **arguments)


def _call(step: Step, dataset_id: str) -> tuple[str, Mapping[str, Any]]:
    """Return the action of a step with its parameters."""
    many = {"ids": [dataset_id], "decision": step}
    at = dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=30)
    calls: Mapping[Step, tuple[str, Mapping[str, Any]]] = {
        "send": ("nd47_approval_send", {"id": dataset_id, "note": NOTE}),
        "schedule": ("nd47_publication_schedule", {"id": dataset_id, "at": at.isoformat()}),
        "approve": ("nd47_approval_decide", {**many, **DECISION}),
        "ask-changes": ("nd47_approval_decide", {**many, "reason": ASK}),
        "refuse": ("nd47_approval_decide", {**many, "reason": REFUSE}),
        "suspend": ("nd47_publication_suspend", {"id": dataset_id, "reason": SUSPEND}),
        "withdraw": ("nd47_publication_withdraw", {"id": dataset_id, "reason": WITHDRAW}),
    }
    return calls[step]


def _propose(officer: Portal, source: Dataset) -> None:
    """Change the licence of a published dataset; the change waits."""
    subject = f"change of {source.name}"
    officer.call("package_patch", subject, id=source.name, license_id="cc-by")
    officer.call("nd47_approval_send", subject, id=source.name, note=NOTE)
