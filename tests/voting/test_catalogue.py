"""The catalogue of rules: dated versions, and what a rule would have made of past votes."""

from typing import Any

import pytest

from meetroom.errors import Refusal
from meetroom.voting import catalogue
from meetroom.voting.schema import Rule
from tests.sitting import Sitting
from tests.test_snapshot import RULE


def add(sitting: Sitting, **changes: Any) -> Any:
    order = {"name_vi": "Quá nửa số đại biểu có mặt", "name_en": "More than half of those present", "rule": {**RULE, **changes}}
    return sitting.do("admin", "rule.add", **order)


def published(sitting: Sitting, said: dict[str, str], **changes: Any) -> int:
    vote = sitting.vote(**changes)
    sitting.secretary("vote.open", vote_id=vote)
    for persona, answer in said.items():
        getattr(sitting, persona)("vote.cast", vote_id=vote, answers=[[answer]])
    sitting.secretary("vote.close", vote_id=vote)
    sitting.secretary("vote.publish", vote_id=vote)
    return vote


def test_what_ships(sitting: Sitting) -> None:
    """Each body's rules; "from more than half to less than two thirds" and "two thirds or more" of Resolution 96/2023/QH15."""
    with sitting.store.read() as session:
        found = {shown.rule.code: shown.rule for shown in catalogue.views(session)}
    assert found["council.majority"].denominator == "all_members" and found["council.majority"].quorum == "2/3"
    assert (found["council.removal"].threshold, found["council.removal"].strict) == ("2/3", False)
    assert found["committee.majority"].tie == "chair" and found["committee.slip"].quorum_of == "cast"
    confidence = found["council.confidence"]
    assert (confidence.threshold, confidence.strict, confidence.dismissal) == ("1/2", True, "2/3")
    statutory = [rule for code, rule in found.items() if code.startswith(("council.", "committee."))]
    assert not any(rule.substitutes for rule in statutory) and all(rule.source for rule in found.values())


def test_a_new_version_counts_from_its_day_on_and_touches_no_vote(sitting: Sitting) -> None:
    sitting.opened()
    before = sitting.vote()
    add(sitting, code="council.majority", threshold="3/5", valid_from="2026-12-08")
    add(sitting, code="council.majority", threshold="4/5", valid_from="2027-01-01")
    after = sitting.vote()
    rules = {vote.id: vote.rule.threshold for vote in sitting.see("secretary").votes}
    assert (rules[before], rules[after]) == ("1/2", "3/5")


def test_an_ended_rule_is_not_found(sitting: Sitting) -> None:
    sitting.opened()
    rule = add(sitting, code="working.majority")["id"]
    sitting.do("admin", "rule.end", rule_id=rule, valid_to="2026-12-08")
    assert sitting.vote(rule="working.majority")
    sitting.pass_time(days=1)
    with pytest.raises(Refusal, match="unknown_rule"):
        sitting.vote(rule="working.majority")


@pytest.mark.parametrize(
    "changes", [{"valid_from": "2026-01-01", "valid_to": "2025-12-31"}, {"code": "present.majority", "valid_from": "2025-07-01"}]
)
def test_dates_that_cannot_be(sitting: Sitting, changes: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="rule_dates"):
        add(sitting, **changes)


def test_only_administrators_change_the_law(sitting: Sitting) -> None:
    with pytest.raises(Refusal, match="forbidden"):
        sitting.do("secretary", "rule.add", name_vi="x", name_en="x", rule=RULE)


def test_a_rule_is_tried_on_past_votes(sitting: Sitting) -> None:
    sitting.opened()
    vote = published(sitting, {"chair": "for", "hanh": "for"})  # 2 of 4 members: failed
    tied = published(sitting, {"chair": "for", "hanh": "for", "bao": "against", "chau": "against"}, title="Hòa")
    question = {"title": "Tín nhiệm", "kind": "confidence"}
    trust = published(sitting, {"chair": "low", "hanh": "high"}, rule="council.confidence", questions=[question])

    def outcomes(**changes: Any) -> dict[int, tuple[str, str]]:
        with sitting.store.read() as session:
            tried = catalogue.preview(session, Rule.model_validate({**RULE, **changes}))
        return {one.vote_id: (one.before.value, one.after.value) for one in tried}

    assert outcomes(denominator="cast") == {vote: ("failed", "passed"), tied: ("failed", "failed")}
    assert outcomes(denominator="all_members", tie="chair")[tied] == ("failed", "passed")
    assert outcomes(denominator="cast", threshold="1/3", dismissal="1/2") == {trust: ("kept", "dismissal")}
