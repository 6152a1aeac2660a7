"""Quorum and the states of a meeting, as tables."""

import pytest

from meetroom.errors import Refusal
from meetroom.meetings import rules


@pytest.mark.parametrize(
    ("quorum", "members", "needed"),
    [("2/3", 47, 32), ("2/3", 48, 32), ("2/3", 49, 33), ("1/2", 47, 24), ("1/2", 48, 24), ("2/3", 0, 0)],
)
def test_quorum(quorum: str, members: int, needed: int) -> None:
    assert rules.needed(quorum, members) == needed
    assert rules.quorate(quorum, present=needed, members=members)
    assert needed == 0 or not rules.quorate(quorum, present=needed - 1, members=members)


@pytest.mark.parametrize("state", ["draft", "open", "closed"])
@pytest.mark.parametrize("step", ["open", "close", "withdraw_opening"])
def test_states(state: str, step: str) -> None:
    after = {
        ("draft", "open"): "open",
        ("closed", "open"): "open",
        ("open", "close"): "closed",
        ("open", "withdraw_opening"): "draft",
    }
    if (state, step) in after:
        assert rules.move(state, step) == after[state, step]
    else:
        with pytest.raises(Refusal, match="wrong_state"):
            rules.move(state, step)
