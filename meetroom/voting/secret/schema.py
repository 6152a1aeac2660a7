"""What crosses a wire for secret votes. All bytes are hex. See service.py for the course of things."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from meetroom.voting.schema import Answers
from meetroom.wire import Audience, Event, Id, MeetingOrder, Order, Sha256, ShortLine, View, Wire

Token = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]  # S or T, or the random prefix before it
RsaHex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{512}$")]  # a blinded token or a signature
PointHex = Annotated[str, StringConstraints(pattern=r"^04[0-9a-f]{128}$")]  # of P-256, uncompressed
EcdsaHex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$")]


class SecretPhase(StrEnum):
    """CEREMONY: the board has to make its key. READY: ballots may be issued. ISSUING: they are, and the vote may be opened.
    RETURNED: the Box is closed and its envelopes are here. COUNTED: the board has counted."""

    CEREMONY = "ceremony"
    READY = "ready"
    ISSUING = "issuing"
    RETURNED = "returned"
    COUNTED = "counted"


class SecretView(View):
    """A secret vote's own state (`id` = the vote). `board`: its three members. `shares`: SHA-256 of what each of them keeps.
    `issued` ballots, `voided` ones given back among them; `trial`: a test ballot is out. `returned`, `invalid` once known."""

    phase: SecretPhase
    board: tuple[Id, ...]
    shares: tuple[Sha256, ...]
    issued: int
    voided: int
    trial: bool
    returned: int | None
    invalid: int | None


class ManifestView(View):
    """What a secret vote is, signed (`id` = the vote). `text` is hashed and signed as it stands; `code` is for comparing."""

    text: str
    signature: EcdsaHex
    code: Code


class IssueView(View):
    """A ballot that was issued, for those who run the vote. `member_id` null: the board's test ballot. `mark`: SHA-256 of what
    was signed, `device` the key of the tablet that asked. Neither can be found again in a ballot."""

    vote_id: Id
    member_id: Id | None
    mark: Sha256
    device: PointHex
    voided: bool


class PrepareSecret(MeetingOrder):
    """Three members of the meeting who count."""

    vote_id: Id
    board: Annotated[tuple[Id, Id, Id], Field()]


class SetBoardKey(MeetingOrder):
    vote_id: Id
    key: PointHex
    shares: tuple[Sha256, Sha256, Sha256]


class IssueBallots(MeetingOrder):
    vote_id: Id


class Blinded(Wire):
    """Two blinded tokens. `device_signature`: of the tablet's own key, over the manifest's hash and both."""

    slot: RsaHex
    ballot: RsaHex
    device: PointHex
    device_signature: EcdsaHex


class ReceiveBallot(MeetingOrder):
    """`trial`: the board's test ballot, before the opening."""

    vote_id: Id
    blinded: Blinded
    trial: bool = False


class Issued(Wire):
    """The blind signatures."""

    slot: RsaHex
    ballot: RsaHex


class SignedToken(Wire):
    """A token with its signature, laid open."""

    token: Token
    prefix: Token
    signature: RsaHex


class SpoiltBallot(MeetingOrder):
    """A ballot that shall not count."""

    vote_id: Id
    slot: SignedToken
    ballot: SignedToken


class ExchangeBallot(SpoiltBallot):
    """`fresh`: what is asked for instead."""

    fresh: Blinded


class ReportKey(Order):
    """By the web process: with what the Box signs."""

    key: PointHex


class ReportReturned(MeetingOrder):
    """By the web process, once the Box is closed: its signed closing, and the envelopes sorted by their hashes."""

    vote_id: Id
    closing: Annotated[str, StringConstraints(max_length=1000)]
    closing_signature: EcdsaHex
    envelopes: tuple[str, ...]


class CountedBallot(SignedToken):
    answers: Answers


class InvalidBallot(Wire):
    reason: ShortLine
    token: Token | None


class CountBallots(MeetingOrder):
    """What the board's device found in the envelopes."""

    vote_id: Id
    ballots: tuple[CountedBallot, ...]
    invalid: tuple[InvalidBallot, ...]


class SecretChanged(Event, name="secret.changed", audience=Audience.MEETING, hold_ms=500):
    secret: SecretView


class SecretRemoved(Event, name="secret.removed", audience=Audience.MEETING):
    id: Id


class SecretShown(Event, name="secret.shown", audience=Audience.PERSON, hold_ms=500):
    """Of a vote on an item that not everybody knows of, to one who does."""

    person_id: Id
    secret: SecretView


class SecretListed(Event, name="secret.listed", audience=Audience.SECRETARIES, hold_ms=500):
    """The same, to those who know of all."""

    secret: SecretView


class SecretHidden(Event, name="secret.hidden", audience=Audience.PERSON):
    person_id: Id
    id: Id


class SecretUnlisted(Event, name="secret.unlisted", audience=Audience.SECRETARIES):
    id: Id


class ManifestMade(Event, name="manifest.made", audience=Audience.MEETING):
    manifest: ManifestView


class ManifestShown(Event, name="manifest.shown", audience=Audience.PERSON):
    """Of a vote on an item that not everybody knows of, to one who does."""

    person_id: Id
    manifest: ManifestView


class ManifestListed(Event, name="manifest.listed", audience=Audience.SECRETARIES):
    """The same, to those who know of all."""

    manifest: ManifestView


class ManifestHidden(Event, name="manifest.hidden", audience=Audience.PERSON):
    person_id: Id
    id: Id


class BallotIssued(Event, name="ballot.issued", audience=Audience.SECRETARIES):
    issue: IssueView
