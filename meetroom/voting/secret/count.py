"""Counting opened ballots, and checking a published board: the same few rules for the server and for anybody's own computer.

`sort_out` says which of the opened ballots count. `problems` checks everything that a published board claims and names what
does not hold. The standard library and `cryptography` only; no server is asked.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from meetroom.errors import Refusal
from meetroom.voting import rules
from meetroom.voting.secret import blind, proof

REASONS = ("unreadable", "token", "answers", "voided", "duplicate")


def sort_out(
    modulus: str, questions: Sequence[rules.Question], opened: Iterable[Any], voided: set[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The ballots that count, sorted by their token, and the others with the reason, sorted.

    `opened`: the contents of the envelopes in the order of the envelopes' hashes, None where one could not be opened;
    `voided`: SHA-256 of the tokens that were given back. A token counts once: of two envelopes with the same, the first.
    """
    ballots: dict[str, dict[str, Any]] = {}
    invalid: list[dict[str, Any]] = []
    for ballot in opened:
        reason, token = _fault(modulus, questions, ballot, voided)
        if reason is None and token in ballots:
            reason = "duplicate"
        if reason is None:
            ballots[token] = ballot
        else:
            invalid.append({"reason": reason, "token": token or None})
    invalid.sort(key=lambda one: (one["reason"], one["token"] or ""))
    return [ballots[token] for token in sorted(ballots)], invalid


def _fault(modulus: str, questions: Sequence[rules.Question], ballot: Any, voided: set[str]) -> tuple[str | None, str]:
    """Why one ballot does not count, and its token as far as it can be named."""
    if not isinstance(ballot, dict) or ballot.keys() != {"token", "prefix", "signature", "answers"}:
        return "unreadable", ""
    try:
        token, prefix, signature = (_plain(ballot[name]) for name in ("token", "prefix", "signature"))
    except (TypeError, ValueError):
        return "unreadable", ""
    if not blind.signed(modulus, prefix, token, signature):
        return "token", ""
    if proof.sha256(token) in voided:
        return "voided", ballot["token"]
    try:
        answers = ballot["answers"]
        fits = [list(one) for one in rules.check_answers(questions, answers)] == answers
    except (Refusal, TypeError, AttributeError):
        fits = False
    return (None if fits else "answers"), ballot["token"]


def _plain(text: str) -> bytes:
    """Hex in its one spelling. Raises TypeError, ValueError."""
    data = bytes.fromhex(text)
    if data.hex() != text:
        raise ValueError
    return data


def results(manifest: dict[str, Any], ballots: Sequence[dict[str, Any]], invalid: int) -> list[dict[str, Any]]:
    """The result of each question by the rule that the manifest holds."""
    questions, rule = rules.questions(manifest["questions"]), rules.rule(manifest["rule"])
    tallies = rules.tally(questions, [*(ballot["answers"] for ballot in ballots), *[None] * invalid])
    size = {"electorate": manifest["electors"], "all_members": manifest["all_members"]}
    decided = [rules.decide(rule, question, tally, **size) for question, tally in zip(questions, tallies, strict=True)]
    return [json.loads(json.dumps(vars(one))) for one in decided]


def problems(board: dict[str, Any]) -> list[str]:
    """What does not hold in a published board, each as a sentence; empty when all does."""
    try:
        return list(_problems(board))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return [f"the file is not a whole board: {error!r}"]


def _problems(board: dict[str, Any]) -> Iterable[str]:
    manifest, closing = json.loads(board["manifest"]), json.loads(board["closing"])
    hash = proof.sha256(board["manifest"])
    if manifest["format"] != proof.FORMAT:
        yield f"unknown format {manifest['format']!r}"
        return
    rest = {name: value for name, value in board.items() if name != "server_signature"}
    if not proof.is_signed(manifest["server"]["key"], proof.RESULT, proof.canonical(rest), board["server_signature"]):
        yield "the server's signature under the board does not fit"
    if not proof.is_signed(manifest["server"]["key"], proof.MANIFEST, board["manifest"], board["manifest_signature"]):
        yield "the server's signature under the manifest does not fit"
    if not proof.is_signed(manifest["box"]["key"], proof.CLOSING, board["closing"], board["closing_signature"]):
        yield "the Box's signature under the closing does not fit"
    if closing["manifest"] != hash:
        yield "the closing belongs to another vote"
    if proof.sha256(proof.canonical(board["roll"])) != manifest["roll"] or len(board["roll"]) != manifest["electors"]:
        yield "the roll is not the one the manifest names"
    envelopes = board["envelopes"]
    if envelopes != sorted(set(envelopes)) or len(envelopes) != closing["returned"]:
        yield "the list of envelopes is not whole"
    if proof.merkle_root(envelopes) != closing["root"]:
        yield "the list of envelopes does not have the root that the Box signed"
    ballots, invalid, voided = board["ballots"], board["invalid"], board["voided"]
    if len(ballots) + len(invalid) != closing["returned"]:
        yield f"{len(ballots)} valid and {len(invalid)} invalid ballots are not the {closing['returned']} returned"
    if closing["returned"] > board["issued"] or len(ballots) > board["issued"] - len(voided):
        yield f"more ballots than were issued: {len(ballots)} valid, {closing['returned']} returned, {board['issued']} issued"
    if board["issued"] - len(voided) > len(board["roll"]):
        yield "more ballots were issued than there are people on the roll"
    questions = rules.questions(manifest["questions"])
    counted, rejected = sort_out(manifest["issuer"]["ballot"], questions, ballots, set(voided))
    if rejected or counted != ballots:
        yield f"{len(rejected) or 'some'} of the ballots counted as valid do not count, or are not sorted"
    if any(one["reason"] not in REASONS for one in invalid):
        yield "an invalid ballot has no known reason"
    if results(manifest, ballots, len(invalid)) != board["results"]:
        yield "the result is not what the ballots give"
