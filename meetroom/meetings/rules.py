"""Pure rules of a meeting's life and its quorum."""

from collections.abc import Collection
from fractions import Fraction
from math import ceil
from typing import Protocol

from meetroom.errors import Refusal

# Statutory sittings: two thirds of all voting members (Law on Organisation of Local Government); others: half.
QUORUM = {"council": "2/3", "committee": "2/3", "conference": "1/2", "working": "1/2"}
NEXT = {"open": {"draft": "open", "closed": "open"}, "close": {"open": "closed"}, "withdraw_opening": {"open": "draft"}}

# What a substitute may do: in statutory sittings attend and speak, never vote (nobody votes for a deputy); elsewhere as the
# meeting says.
SUBSTITUTES = {"council": "attends", "committee": "attends", "conference": "votes", "working": "votes"}
STATUTORY = frozenset({"council", "committee"})
SITTING = {"secretary", "chair", "delegate"}  # who is meant by "members" when something is not for everybody


class Access(Protocol):
    """Who may read something; `kind` is all, members, roles or people."""

    @property
    def kind(self) -> str: ...
    @property
    def roles(self) -> Collection[str]: ...
    @property
    def member_ids(self) -> Collection[int]: ...


def allowed(access: Access, role: str | None, member_id: int | None, secretarial: bool) -> bool:
    """Whether somebody in this role, as this member, may read. Who is `secretarial` reads everything."""
    if secretarial or access.kind == "all":
        return True
    if access.kind == "members":
        return role in SITTING
    return role in access.roles if access.kind == "roles" else member_id in access.member_ids


def move(state: str, step: str) -> str:
    """The state after `step`. Raises Refusal `wrong_state`."""
    try:
        return NEXT[step][state]
    except KeyError:
        raise Refusal("wrong_state", {"state": state}) from None


def needed(quorum: str, members: int) -> int:
    """How many of `members` voting members must be there for a quorum, an exact fraction such as "2/3"."""
    return ceil(Fraction(quorum) * members)


def may_substitute(kind: str, rule: str) -> str:
    """The rule for substitutes of a meeting of that kind. Raises Refusal `statutory` for votes where the law forbids them."""
    if kind in STATUTORY and rule == "votes":
        raise Refusal("statutory")
    return rule


def substitute_votes(rule: str, *, approved: bool, original_present: bool) -> bool:
    """Whether the vote of an absent member is their substitute's now. There is one vote, whoever has it."""
    return rule == "votes" and approved and not original_present


def quorate(quorum: str, *, present: int, members: int) -> bool:
    """Whether the sitting may decide. A meeting without voting members has nothing to decide and is quorate."""
    return present >= needed(quorum, members)
