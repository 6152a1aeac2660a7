"""The issuer's side of a secret vote.

1. `secret.prepare`: the secretary names the three members of the counting board.
2. `secret.set_key`: the board makes its key on its own device; each member keeps a share, two of three open the envelopes.
3. `secret.issue`: the roll is frozen, the manifest made and signed. Every tablet then asks for its ballot (`secret.receive`):
   two blinded tokens, S for the Box and T for the count, are signed unseen. The same asked again gets the same signatures,
   another one of the same seat is refused: one seat, one ballot.
4. The vote is opened. Envelopes go to the Box (meetroom/voting/box): neither process knows the other's database.
5. Closed, the Box's envelopes are taken over (`secret.returned`) and the issuer's keys are gone.
6. `secret.count`: the board's device has opened the envelopes; what it found is checked here and by everybody (count.py).

**A spoiled ballot** (`secret.exchange`). Who still has both tokens may lay them open and get a fresh ballot in the same step.
Laid open, T is on the signed list of ballots that do not count, and the Box takes S's envelope away and takes no other: of the
two ballots of a seat one is dead before the other one lives, whatever the Box does. What is learnt of the voter is an envelope
that is gone and a token that never counts; the fresh ballot was signed as blindly as the first. Who has lost the tokens, and the
seat card with the seed too, gets nothing, because nobody could tell the lost ballot from another. The board's **test ballot** is
the same thing without a seat: issued and cast before the opening, then given back; the vote opens only after that.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from meetroom.access import May, Viewer
from meetroom.agenda.readers import People, Readers
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.meetings.tables import Member
from meetroom.store.tables import find
from meetroom.voting import readers, rules
from meetroom.voting import service as voting
from meetroom.voting.schema import Method, VoteState
from meetroom.voting.secret import blind, count, proof
from meetroom.voting.secret.schema import (
    BallotIssued,
    Blinded,
    CountBallots,
    ExchangeBallot,
    IssueBallots,
    Issued,
    IssueView,
    ManifestHidden,
    ManifestListed,
    ManifestMade,
    ManifestShown,
    ManifestView,
    PrepareSecret,
    ReceiveBallot,
    ReportKey,
    ReportReturned,
    SecretChanged,
    SecretHidden,
    SecretListed,
    SecretPhase,
    SecretRemoved,
    SecretShown,
    SecretUnlisted,
    SecretView,
    SetBoardKey,
    SpoiltBallot,
)
from meetroom.voting.secret.tables import IssueRow, SecretRow, SigningKey
from meetroom.voting.tables import Elector, VoteRow
from meetroom.wire import utc

SERVER, BOX = "server", "box"


@command("secret.prepare", may=May.PREPARE_MEETING)
def prepare(call: Call, order: PrepareSecret) -> None:
    """Also names another board, or begins anew, as long as no ballot could be issued."""
    vote = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    if vote.method != Method.SECRET or vote.state != VoteState.DRAFT:
        raise Refusal("wrong_state", {"state": vote.state})
    members = {find(call.session, Member, order.meeting_id, member_id).id for member_id in order.board}
    if len(members) != 3:
        raise Refusal("invalid", [{"field": "board", "problem": "three"}])
    row = call.session.get(SecretRow, vote.id)
    if row is not None:
        _expect(row, SecretPhase.CEREMONY, SecretPhase.READY)
        call.session.delete(row)
        call.session.flush()
    row = SecretRow(vote_id=vote.id, meeting_id=order.meeting_id, phase=SecretPhase.CEREMONY, board=list(order.board))
    row.shares, row.roll, row.voided, row.envelopes = [], [], [], []
    row.slot_key, row.ballot_key = blind.Signer.generate().dump(), blind.Signer.generate().dump()
    call.session.add(row)
    _tell(call, row)


@command("secret.set_key", may=May.TAKE_PART)
def set_key(call: Call, order: SetBoardKey) -> None:
    row = _load(call.session, order.meeting_id, order.vote_id)
    _expect_board(call, row)
    _expect(row, SecretPhase.CEREMONY, SecretPhase.READY)
    if not proof.is_key(order.key) or len(set(order.shares)) != 3:
        raise Refusal("bad_key")
    row.board_key, row.shares, row.phase = order.key, list(order.shares), SecretPhase.READY
    _tell(call, row)


@command("secret.issue", may=May.RUN_MEETING)
def issue(call: Call, order: IssueBallots) -> ManifestView:
    """From here on roll, questions and rule are fixed. Raises Refusal `no_quorum`, `item_closed_to_elector` as opening would."""
    row = _load(call.session, order.meeting_id, order.vote_id)
    _expect(row, SecretPhase.READY)
    vote = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    meetings.expect_open(meetings.load(call.session, order.meeting_id))
    voters = meetings.voters(call.session, order.meeting_id)
    electors = voting.entitled(vote, voters)
    rules.open(rules.Vote("draft", rules.rule(vote.rule), None), present=len(electors), all_members=len(voters), now=call.now)
    row.roll = [{"member_id": member.id, "name": member.full_name, "seat": member.seat} for member in electors]
    _expect_roll_knows(call.session, row, vote, Readers(call.session, order.meeting_id))
    row.manifest = proof.canonical(_manifest(call, row, vote, len(voters)))
    row.manifest_signature = proof.sign(_server_key(call.session), proof.MANIFEST, row.manifest)
    row.phase = SecretPhase.ISSUING
    _tell(call, row)
    return _tell_manifest(call, row, vote)


def _expect_roll_knows(session: Session, row: SecretRow, vote: VoteRow, known: Readers) -> None:
    on_roll = select(Member.person_id).where(Member.id.in_([one["member_id"] for one in row.roll]))
    readers.expect_to_know(vote, known, set(session.scalars(on_roll)))


def _manifest(call: Call, row: SecretRow, vote: VoteRow, all_members: int) -> dict[str, Any]:
    box = call.session.get(SigningKey, BOX)
    if box is None:
        raise Refusal("no_box")
    assert row.slot_key is not None and row.ballot_key is not None
    names = [find(call.session, Member, row.meeting_id, member_id).full_name for member_id in row.board]
    return {
        "format": proof.FORMAT, "meeting": row.meeting_id, "vote": row.vote_id, "title": vote.title,
        "questions": vote.questions, "rule": vote.rule,
        "roll": proof.sha256(proof.canonical(row.roll)), "electors": len(row.roll), "all_members": all_members,
        "issuer": {"slot": blind.Signer.load(row.slot_key).public, "ballot": blind.Signer.load(row.ballot_key).public},
        "board": {"key": row.board_key, "shares": row.shares, "needed": 2, "members": names},
        "box": {"key": box.key}, "server": {"key": proof.public_of(_server_key(call.session))},
        "size": proof.ballot_size(vote.questions), "seconds": vote.seconds, "made_at": utc(call.now),
    }  # fmt: skip


@command("secret.receive", may=May.TAKE_PART)
def receive(call: Call, order: ReceiveBallot) -> Issued:
    """One's own ballot, or with `trial` the board's test ballot."""
    row = _load(call.session, order.meeting_id, order.vote_id)
    vote = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    _expect(row, SecretPhase.ISSUING)
    member = meetings.own_member(call, order.meeting_id)
    if order.trial:
        _expect_board(call, row)
        rules.expect(rules.Vote(vote.state, rules.rule(vote.rule), None), VoteState.DRAFT)
    elif not any(one["member_id"] == member.id for one in row.roll):
        raise Refusal("not_in_electorate")
    elif vote.state not in (VoteState.DRAFT, VoteState.OPEN):
        raise Refusal("voting_over", {"state": vote.state})
    seat = None if order.trial else member.id
    before = _live(call.session, row.vote_id, seat)
    if before is not None:
        if (before.blinded["slot"], before.blinded["ballot"]) != (order.blinded.slot, order.blinded.ballot):
            raise Refusal("already_issued")
        return Issued.model_validate(before.signed)
    row.trial = row.trial or order.trial
    return _issue(call, row, seat, order.blinded)


@command("secret.exchange", may=May.TAKE_PART)
def exchange(call: Call, order: ExchangeBallot) -> Issued:
    """Give one's own ballot back and get a fresh one, as long as the vote is not closed."""
    row = _load(call.session, order.meeting_id, order.vote_id)
    seat = meetings.own_member(call, order.meeting_id).id
    _give_back(call, row, seat, order)
    return _issue(call, row, seat, order.fresh)


@command("secret.end_trial", may=May.TAKE_PART)
def end_trial(call: Call, order: SpoiltBallot) -> None:
    row = _load(call.session, order.meeting_id, order.vote_id)
    _expect_board(call, row)
    _give_back(call, row, None, order)
    row.trial = False
    _tell(call, row)


def _give_back(call: Call, row: SecretRow, seat: int | None, order: SpoiltBallot) -> None:
    """The seat's ballot is dead from here on."""
    vote = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    _expect(row, SecretPhase.ISSUING)
    if vote.state not in (VoteState.DRAFT, VoteState.OPEN):
        raise Refusal("voting_over", {"state": vote.state})
    issued = _live(call.session, row.vote_id, seat)
    if issued is None:
        raise Refusal("not_found")
    manifest = json.loads(row.manifest or "")
    for name, shown in (("slot", order.slot), ("ballot", order.ballot)):
        parts = (bytes.fromhex(part) for part in (shown.prefix, shown.token, shown.signature))
        if not blind.signed(manifest["issuer"][name], *parts):
            raise Refusal("not_signed")
    slot, ballot = (proof.sha256(bytes.fromhex(shown.token)) for shown in (order.slot, order.ballot))
    gone = (IssueRow.void_slot == slot) | (IssueRow.void_ballot == ballot)
    if call.session.scalars(select(IssueRow).where(IssueRow.vote_id == row.vote_id, gone)).first() is not None:
        raise Refusal("spoiled")
    issued.void_slot, issued.void_ballot = slot, ballot
    row.voided = sorted([*row.voided, ballot])
    call.session.flush()
    call.tell(BallotIssued(issue=issue_view(issued)))


def _issue(call: Call, row: SecretRow, seat: int | None, blinded: Blinded) -> Issued:
    assert row.manifest is not None and row.slot_key is not None and row.ballot_key is not None
    text = f"{proof.sha256(row.manifest)} {blinded.slot} {blinded.ballot}"
    if not proof.is_signed(blinded.device, proof.DEVICE, text, blinded.device_signature):
        raise Refusal("not_signed")
    keys = {"slot": row.slot_key, "ballot": row.ballot_key}
    asked = blinded.model_dump()
    signed = {name: blind.Signer.load(key).sign(bytes.fromhex(asked[name])).hex() for name, key in keys.items()}
    issued = IssueRow(meeting_id=row.meeting_id, vote_id=row.vote_id, member_id=seat, blinded=asked, signed=signed)
    call.session.add(issued)
    row.issued += 1
    call.session.flush()
    call.tell(BallotIssued(issue=issue_view(issued)))
    _tell(call, row)
    return Issued.model_validate(signed)


def _live(session: Session, vote_id: int, seat: int | None) -> IssueRow | None:
    """The ballot that a seat has and has not given back."""
    query = select(IssueRow).where(IssueRow.vote_id == vote_id, IssueRow.void_slot.is_(None))
    whose = IssueRow.member_id.is_(None) if seat is None else IssueRow.member_id == seat
    return session.scalars(query.where(whose)).first()


@command("secret.box", may=May.REPORT)
def box_key(call: Call, order: ReportKey) -> None:
    if not proof.is_key(order.key):
        raise Refusal("bad_key")
    call.session.merge(SigningKey(name=BOX, key=order.key))


@command("secret.returned", may=May.REPORT)
def returned(call: Call, order: ReportReturned) -> None:
    """The Box is closed: its envelopes are taken over, and nobody can sign a ballot of this vote any more."""
    row = _load(call.session, order.meeting_id, order.vote_id)
    vote = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    _expect(row, SecretPhase.ISSUING)
    if vote.state == VoteState.OPEN:  # the Box's clock was first
        voting.close(call, vote)
    manifest, closing = json.loads(row.manifest or ""), json.loads(order.closing)
    hashes = [proof.sha256(bytes.fromhex(envelope)) for envelope in order.envelopes]
    whole = (
        proof.is_signed(manifest["box"]["key"], proof.CLOSING, order.closing, order.closing_signature)
        and closing == {"manifest": proof.sha256(row.manifest or ""), "returned": len(hashes), "root": proof.merkle_root(hashes)}
        and hashes == sorted(set(hashes))
    )
    if not whole:
        raise Refusal("bad_count", {"problem": "closing"})
    row.closing, row.closing_signature, row.envelopes = order.closing, order.closing_signature, list(order.envelopes)
    row.phase, row.slot_key, row.ballot_key = SecretPhase.RETURNED, None, None
    vote.cast = len(hashes)
    voting.tell(call, vote)
    _tell(call, row)


@command("secret.count", may=May.TAKE_PART)
def count_ballots(call: Call, order: CountBallots) -> None:
    """The board's count becomes the result if all that can be checked of it holds. Until published it may be repeated.

    Raises Refusal `bad_count` with the first problem.
    """
    row = _load(call.session, order.meeting_id, order.vote_id)
    vote = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    _expect_board(call, row)
    _expect(row, SecretPhase.RETURNED, SecretPhase.COUNTED)
    rules.expect(rules.Vote(vote.state, rules.rule(vote.rule), None), VoteState.CLOSED)
    ballots = [one.model_dump(mode="json") for one in order.ballots]
    invalid = [one.model_dump(mode="json") for one in order.invalid]
    board = _board(row, ballots, invalid)
    board["server_signature"] = proof.sign(_server_key(call.session), proof.RESULT, proof.canonical(board))
    for problem in count.problems(board):
        raise Refusal("bad_count", {"problem": problem})
    row.result, row.invalid, row.phase = proof.canonical(board), len(invalid), SecretPhase.COUNTED
    answers = [*(ballot["answers"] for ballot in ballots), *[None] * len(invalid)]
    voting.store_results(call, vote, rules.tally(rules.questions(vote.questions), answers))
    voting.tell(call, vote)
    _tell(call, row)


def _board(row: SecretRow, ballots: list[dict[str, Any]], invalid: list[dict[str, Any]]) -> dict[str, Any]:
    """Everything that is published, see count.problems."""
    return {
        "manifest": row.manifest, "manifest_signature": row.manifest_signature, "roll": row.roll,
        "issued": row.issued, "voided": row.voided,
        "closing": row.closing, "closing_signature": row.closing_signature,
        "envelopes": [proof.sha256(bytes.fromhex(envelope)) for envelope in row.envelopes],
        "ballots": ballots, "invalid": invalid,
        "results": count.results(json.loads(row.manifest or ""), ballots, len(invalid)),
    }  # fmt: skip


# --- what the vote itself does


def _opened(call: Call, vote: VoteRow) -> None:
    """The electorate is the roll of the manifest, whoever has come or gone since."""
    if vote.method != Method.SECRET:
        return
    row = _load(call.session, vote.meeting_id, vote.id)
    _expect(row, SecretPhase.ISSUING)
    if row.trial:
        raise Refusal("trial_runs")
    call.session.execute(delete(Elector).where(Elector.vote_id == vote.id))
    on_roll = {one["member_id"] for one in row.roll}
    members = [member for member in meetings.voters(call.session, vote.meeting_id) if member.id in on_roll]
    call.session.add_all(Elector(vote_id=vote.id, person_id=member.person_id) for member in members)
    vote.electorate, vote.all_members = len(row.roll), json.loads(row.manifest or "")["all_members"]


def _redrafted(call: Call, vote: VoteRow) -> None:
    """Once ballots are issued, what they are about stays."""
    row = call.session.get(SecretRow, vote.id)
    if row is not None:
        _expect(row, SecretPhase.CEREMONY, SecretPhase.READY)
        call.session.delete(row)
        call.session.flush()
        readers.tell_gone(
            call,
            vote,
            removed=SecretRemoved(id=vote.id),
            unlisted=SecretUnlisted(id=vote.id),
            hidden=lambda person: SecretHidden(person_id=person, id=vote.id),
        )


voting.when_opened.append(_opened)
voting.when_redrafted.append(_redrafted)


# --- reading


def _load(session: Session, meeting_id: int, vote_id: int) -> SecretRow:
    row = session.get(SecretRow, vote_id)
    if row is None or row.meeting_id != meeting_id:
        raise Refusal("not_found")
    return row


def _expect(row: SecretRow, *phases: SecretPhase) -> None:
    if row.phase not in phases:
        raise Refusal("wrong_state", {"state": row.phase})


def _expect_board(call: Call, row: SecretRow) -> None:
    if meetings.own_member(call, row.meeting_id).id not in row.board:
        raise Refusal("not_on_board")


def _server_key(session: Session) -> str:
    """The house's own signing key (PEM), made when it is first needed."""
    row = session.get(SigningKey, SERVER)
    if row is None:
        row = SigningKey(name=SERVER, key=proof.new_key())
        session.add(row)
        session.flush()
    return row.key


def _tell(call: Call, row: SecretRow, known: Readers | None = None, was: People | str = "as now") -> None:
    call.session.flush()
    view = secret_view(row)
    readers.tell(
        call,
        call.session.get_one(VoteRow, row.vote_id),
        known=known,
        was=was,
        changed=SecretChanged(secret=view),
        listed=SecretListed(secret=view),
        shown=lambda person: SecretShown(person_id=person, secret=view),
        hidden=lambda person: SecretHidden(person_id=person, id=view.id),
    )


def _tell_manifest(
    call: Call, row: SecretRow, vote: VoteRow, known: Readers | None = None, was: People | str = "as now"
) -> ManifestView:
    view = manifest_view(row)
    assert view is not None
    readers.tell(
        call,
        vote,
        known=known,
        was=was,
        changed=ManifestMade(manifest=view),
        listed=ManifestListed(manifest=view),
        shown=lambda person: ManifestShown(person_id=person, manifest=view),
        hidden=lambda person: ManifestHidden(person_id=person, id=view.id),
    )
    return view


def _tell_others(call: Call, vote: VoteRow, known: Readers, was: People) -> None:
    row = call.session.get(SecretRow, vote.id)
    if row is None:
        return
    if row.phase == SecretPhase.ISSUING and vote.state == VoteState.DRAFT:
        _expect_roll_knows(call.session, row, vote, known)
    _tell(call, row, known, was)
    if row.manifest is not None:
        _tell_manifest(call, row, vote, known, was)


readers.when_readers_change.append(_tell_others)


def secret_view(row: SecretRow) -> SecretView:
    return SecretView(
        id=row.vote_id,
        phase=SecretPhase(row.phase),
        board=tuple(row.board),
        shares=tuple(row.shares),
        issued=row.issued,
        voided=len(row.voided),
        trial=row.trial,
        returned=len(row.envelopes) if row.closing else None,
        invalid=row.invalid,
    )


def manifest_view(row: SecretRow) -> ManifestView | None:
    if row.manifest is None or row.manifest_signature is None:
        return None
    code = proof.short_code(row.manifest)
    return ManifestView(id=row.vote_id, text=row.manifest, signature=row.manifest_signature, code=code)


def issue_view(row: IssueRow) -> IssueView:
    mark = proof.sha256(f"{row.blinded['slot']} {row.blinded['ballot']}")
    return IssueView(
        id=row.id, vote_id=row.vote_id, member_id=row.member_id, mark=mark, device=row.blinded["device"],
        voided=row.void_slot is not None,
    )  # fmt: skip


def _rows(session: Session, meeting_id: int, viewer: Viewer) -> list[SecretRow]:
    """Those of the votes that the viewer may know of."""
    known = [vote.id for vote in readers.known_to(session, meeting_id, viewer)]
    return list(session.scalars(select(SecretRow).where(SecretRow.vote_id.in_(known)).order_by(SecretRow.vote_id)))


def secret_views(session: Session, meeting_id: int, viewer: Viewer) -> list[SecretView]:
    return [secret_view(row) for row in _rows(session, meeting_id, viewer)]


def manifest_views(session: Session, meeting_id: int, viewer: Viewer) -> list[ManifestView]:
    return [shown for row in _rows(session, meeting_id, viewer) if (shown := manifest_view(row)) is not None]


def issue_views(session: Session, meeting_id: int) -> list[IssueView]:
    rows = session.scalars(select(IssueRow).where(IssueRow.meeting_id == meeting_id).order_by(IssueRow.id))
    return [issue_view(row) for row in rows]


def to_count(session: Session, meeting_id: int, vote_id: int, member_id: int | None) -> dict[str, list[str]]:
    """For the board's device only. Raises Refusal `not_on_board`."""
    row = _load(session, meeting_id, vote_id)
    if member_id not in row.board:
        raise Refusal("not_on_board")
    return {"envelopes": row.envelopes, "voided": row.voided}


def published(session: Session, meeting_id: int, vote_id: int) -> str:
    """The board as all who know of the vote may check it, once it is published. Raises Refusal `not_found` before."""
    row, vote = _load(session, meeting_id, vote_id), find(session, VoteRow, meeting_id, vote_id)
    if vote.state != VoteState.PUBLISHED or row.result is None:
        raise Refusal("not_found")
    return row.result


def wishes(session: Session, now: datetime) -> list[dict[str, Any]]:
    """What the Box should hold: `vote_id`, `meeting_id`, `manifest`, `phase` (waiting, trial, open, closed), `closes_at`, and
    the slots that are `void`."""
    query = select(SecretRow, VoteRow).join(VoteRow, VoteRow.id == SecretRow.vote_id)
    found = []
    for row, vote in session.execute(query.where(SecretRow.phase == SecretPhase.ISSUING)):
        draft = "trial" if row.trial else "waiting"
        phase = {"draft": draft, "open": "open", "annulled": "annulled"}.get(vote.state, "closed")
        void = select(IssueRow.void_slot).where(IssueRow.vote_id == vote.id, IssueRow.void_slot.is_not(None))
        found.append({
            "vote_id": vote.id, "meeting_id": vote.meeting_id, "manifest": row.manifest, "phase": phase,
            "closes_at": vote.closes_at, "void": sorted(str(slot) for slot in session.scalars(void)),
        })  # fmt: skip
    return found
