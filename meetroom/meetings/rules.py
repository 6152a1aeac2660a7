"""Pure rules of a meeting's life and its quorum."""

from fractions import Fraction
from math import ceil

from meetroom.errors import Refusal

# Statutory sittings: two thirds of all voting members (Law on Organisation of Local Government); others: half.
QUORUM = {"council": "2/3", "committee": "2/3", "conference": "1/2", "working": "1/2"}
NEXT = {"open": {"draft": "open", "closed": "open"}, "close": {"open": "closed"}, "withdraw_opening": {"open": "draft"}}


def move(state: str, step: str) -> str:
    """The state after `step`. Raises Refusal `wrong_state`."""
    try:
        return NEXT[step][state]
    except KeyError:
        raise Refusal("wrong_state", {"state": state}) from None


def needed(quorum: str, members: int) -> int:
    """How many of `members` voting members must be there for a quorum, an exact fraction such as "2/3"."""
    return ceil(Fraction(quorum) * members)


def quorate(quorum: str, *, present: int, members: int) -> bool:
    """Whether the sitting may decide. A meeting without voting members has nothing to decide and is quorate."""
    return present >= needed(quorum, members)
