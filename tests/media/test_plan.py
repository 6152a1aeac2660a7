from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.plan import Bind, Bound, Close, Feed, Relief, Seat, Unbind, heard, steps
from meetroom.conference.schema import Kind, Layer, PeerPlan, Plan, Want

VIDEO, AUDIO = ("v0", "v1", "v2"), ("a0", "a1")


def seat(name: str, bound: Mapping[str, Bound] | None = None) -> Seat:
    return Seat(VIDEO, AUDIO, frozenset(Feed(name, kind) for kind in Kind), bound or {})


def plan(*peers: PeerPlan, always: tuple[str, ...] = ()) -> Plan:
    return Plan(meeting_id=1, revision=1, peers=peers, always=always)


def camera(peer: str, layer: Layer = Layer.LOW) -> Want:
    return Want(peer=peer, layer=layer)


def settled(wanted: Plan, seats: Mapping[str, Seat], loudest: list[str]) -> dict[str, Seat]:
    """The seats after the steps."""
    after = dict(seats)
    for step in steps(wanted, seats, loudest):
        if isinstance(step, Close):
            del after[step.peer]
            continue
        bound = dict(after[step.peer].bound)
        if isinstance(step, Unbind):
            del bound[step.mid]
        else:
            bound[step.mid] = step.to
        after[step.peer] = replace(after[step.peer], bound=bound)
    return after


def shown(seat: Seat) -> dict[str, str]:
    return {mid: f"{bound.feed.peer}/{bound.feed.kind}/{bound.layer}" for mid, bound in sorted(seat.bound.items())}


HALL = PeerPlan(peer="hall")
PEERS = tuple(PeerPlan(peer=name, heard=True) for name in ("an", "binh", "chi", "dung"))


@pytest.mark.parametrize(
    ("hall", "expected"),
    [
        ({}, {}),
        ({"stage": camera("an", Layer.HIGH)}, {"v0": "an/camera/f"}),
        ({"gallery": (camera("an"), camera("binh"))}, {"v1": "an/camera/q", "v2": "binh/camera/q"}),
        (
            {"stage": camera("an", Layer.HIGH), "gallery": (camera("an"), camera("binh"), camera("chi"), camera("dung"))},
            {"v0": "an/camera/f", "v1": "binh/camera/q", "v2": "chi/camera/q"},
        ),
        ({"gallery": (camera("an", Layer.MID), camera("an"), camera("binh"))}, {"v1": "an/camera/h", "v2": "binh/camera/q"}),
        ({"gallery": (camera("nobody"), camera("binh"))}, {"v1": "binh/camera/q"}),
        ({"stage": camera("nobody"), "gallery": (camera("binh"),)}, {"v1": "binh/camera/q"}),
        (
            {"stage": Want(peer="an", kind=Kind.SCREEN), "gallery": (camera("an"),)},
            {"v0": "an/screen/q", "v1": "an/camera/q"},
        ),
        ({"stage": camera("hall")}, {"v0": "hall/camera/q"}),  # its own camera, because the plan says so
    ],
)
def test_pictures(hall: dict[str, object], expected: dict[str, str]) -> None:
    wanted = plan(*PEERS, PeerPlan.model_validate({"peer": "hall", **hall}))
    seats = {name: seat(name) for name in ("an", "binh", "chi", "dung", "hall")}
    assert shown(settled(wanted, seats, [])["hall"]) == expected


def test_a_picture_still_wanted_keeps_its_slot() -> None:
    bound = {"v1": Bound(Feed("an", Kind.CAMERA)), "v2": Bound(Feed("binh", Kind.CAMERA))}
    seats = {"hall": seat("hall", bound), **{name: seat(name) for name in ("an", "binh", "chi")}}
    wanted = plan(*PEERS, PeerPlan(peer="hall", gallery=(camera("chi"), camera("binh", Layer.MID))))
    assert [step for step in steps(wanted, seats, []) if step.peer == "hall"] == [
        Bind("hall", "v2", Bound(Feed("binh", Kind.CAMERA), Layer.MID)),
        Bind("hall", "v1", Bound(Feed("chi", Kind.CAMERA))),
    ]


def test_stage_and_gallery_change_places() -> None:
    bound = {"v0": Bound(Feed("an", Kind.CAMERA), Layer.HIGH), "v1": Bound(Feed("binh", Kind.CAMERA))}
    seats = {"hall": seat("hall", bound), "an": seat("an"), "binh": seat("binh")}
    wanted = plan(*PEERS, PeerPlan(peer="hall", stage=camera("binh", Layer.HIGH), gallery=(camera("an"),)))
    assert shown(settled(wanted, seats, [])["hall"]) == {"v0": "binh/camera/f", "v1": "an/camera/q"}


def test_who_is_not_in_the_plan_is_closed_and_no_longer_seen() -> None:
    seats = {"hall": seat("hall", {"v1": Bound(Feed("an", Kind.CAMERA))}), "an": seat("an")}
    wanted = plan(PeerPlan(peer="hall", gallery=(camera("an"),)))
    assert steps(wanted, seats, []) == [Close("an"), Unbind("hall", "v1")]


@pytest.mark.parametrize(
    ("loudest", "always", "expected"),
    [
        ([], (), {}),
        (["an", "binh", "chi"], (), {"a0": "an/mic/q", "a1": "binh/mic/q"}),
        (["an", "binh", "chi"], ("chi",), {"a0": "chi/mic/q", "a1": "an/mic/q"}),
        (["an", "binh"], ("chi", "dung"), {"a0": "chi/mic/q", "a1": "dung/mic/q"}),
        (["hall", "an"], ("hall",), {"a0": "an/mic/q"}),  # nobody hears themselves
        (["silent", "an"], ("silent",), {"a0": "an/mic/q"}),  # who is not to be heard is not heard
        (["away", "an"], ("away",), {"a0": "an/mic/q"}),  # nor who is not there
    ],
)
def test_sounds(loudest: list[str], always: tuple[str, ...], expected: dict[str, str]) -> None:
    peers = (*PEERS, PeerPlan(peer="hall", heard=True), PeerPlan(peer="silent"), PeerPlan(peer="away", heard=True))
    seats = {name: seat(name) for name in ("an", "binh", "chi", "dung", "hall", "silent")}
    assert shown(settled(plan(*peers, always=always), seats, loudest)["hall"]) == expected


def test_the_voice_of_the_stage_is_in_the_first_audio_slot() -> None:
    bound = {"a0": Bound(Feed("an", Kind.MIC)), "a1": Bound(Feed("binh", Kind.MIC))}
    seats = {"hall": seat("hall", bound), "an": seat("an"), "binh": seat("binh")}
    wanted = plan(*PEERS, PeerPlan(peer="hall", stage=camera("binh")))
    after = settled(wanted, seats, ["an", "binh"])["hall"]
    assert shown(after) == {"a0": "binh/mic/q", "a1": "an/mic/q", "v0": "binh/camera/q"}


@pytest.mark.parametrize(
    ("plan_voices", "relief", "expected"),
    [
        (4, None, {"a0": "an/mic/q", "a1": "binh/mic/q"}),  # as many as there are slots
        (1, None, {"a0": "an/mic/q"}),
        (4, 1, {"a0": "an/mic/q"}),
        (1, 3, {"a0": "an/mic/q"}),
        (4, 0, {}),
    ],
)
def test_no_more_voices_than_the_plan_and_the_way_allow(plan_voices: int, relief: int | None, expected: dict[str, str]) -> None:
    seats = {name: seat(name) for name in ("an", "binh", "chi", "hall")}
    wanted = plan(*PEERS, HALL).model_copy(update={"voices": plan_voices})
    bound = {
        step.mid: step.to
        for step in steps(wanted, seats, ["an", "binh", "chi"], {"hall": Relief(voices=relief)})
        if isinstance(step, Bind) and step.peer == "hall"
    }
    assert shown(seat("hall", bound)) == expected


@pytest.mark.parametrize("heard", [False, True])
def test_who_tries_the_microphone_hears_it_and_nobody_else_does(heard: bool) -> None:
    trial = PeerPlan(peer="hall", stage=camera("hall"), echo=True, heard=heard)
    seats = {"hall": seat("hall"), "an": seat("an")}
    after = settled(plan(*PEERS, trial), seats, ["hall", "an"])
    assert shown(after["hall"]) == {"v0": "hall/camera/q", "a0": "hall/mic/q", "a1": "an/mic/q"}
    assert shown(after["an"]) == {}


def test_stills_are_of_the_stage_alone() -> None:
    seats = {"hall": seat("hall"), "an": seat("an"), "binh": seat("binh")}
    wanted = plan(*PEERS, PeerPlan(peer="hall", stage=camera("an"), gallery=(camera("binh"),)))
    found = {
        step.mid: step.to.stills for step in steps(wanted, seats, [], {"hall": Relief(stills=True)}) if isinstance(step, Bind)
    }
    assert found == {"v0": True, "v1": False}
    moving = seat("hall", {"v0": Bound(Feed("an", Kind.CAMERA)), "v1": Bound(Feed("binh", Kind.CAMERA))})
    assert steps(wanted, {**seats, "hall": moving}, [], {"hall": Relief(stills=True)}) == [
        Bind("hall", "v0", Bound(Feed("an", Kind.CAMERA), stills=True))
    ]


def test_someone_without_a_slot_gets_nothing() -> None:
    seats = {"hall": Seat(), "an": seat("an")}
    wanted = plan(*PEERS, PeerPlan(peer="hall", stage=camera("an"), gallery=(camera("an"),)), always=("an",))
    assert [step for step in steps(wanted, seats, ["an"]) if step.peer == "hall"] == []


RELAYED = frozenset({Feed("far", Kind.CAMERA), Feed("far", Kind.MIC), Feed("distant", Kind.MIC)})


def test_a_relay_carries_what_its_plan_wants_and_every_heard_voice() -> None:
    wants = (camera("an", Layer.HIGH), Want(peer="an", kind=Kind.SCREEN), camera("nobody"))
    wanted = plan(PeerPlan(peer="an", heard=True), PeerPlan(peer="silent"), PeerPlan(peer="relay", relay=wants))
    seats = {"an": seat("an"), "silent": seat("silent"), "relay": Seat(VIDEO, AUDIO)}
    after = settled(wanted, seats, ["an"])["relay"]
    assert shown(after) == {"v0": "an/camera/f", "v1": "an/screen/q", "a0": "an/mic/q"}


def test_what_comes_by_a_relay_is_shown_and_heard_like_any_other() -> None:
    hall = PeerPlan(peer="hall", stage=camera("far", Layer.HIGH))
    wanted = plan(hall, PeerPlan(peer="relay", relay=()), always=("distant",))
    seats = {"hall": seat("hall"), "relay": Seat(VIDEO, AUDIO, RELAYED)}
    after = settled(wanted, seats, ["far", "distant"])
    assert shown(after["hall"]) == {"v0": "far/camera/f", "a0": "far/mic/q", "a1": "distant/mic/q"}
    assert shown(after["relay"]) == {}


def test_a_plan_that_names_a_remote_peer_says_whether_it_is_heard() -> None:
    wanted = plan(HALL, PeerPlan(peer="relay", relay=()), PeerPlan(peer="far"))
    seats = {"hall": seat("hall"), "relay": Seat(VIDEO, AUDIO, RELAYED)}
    assert shown(settled(wanted, seats, ["far", "distant"])["hall"]) == {"a0": "distant/mic/q"}


def test_nothing_goes_back_to_where_it_came_from() -> None:
    wants = (camera("far"), camera("an"))
    wanted = plan(PeerPlan(peer="an", heard=True), PeerPlan(peer="relay", relay=wants), PeerPlan(peer="other", relay=wants))
    seats = {"an": seat("an"), "relay": Seat(VIDEO, AUDIO, RELAYED), "other": Seat(VIDEO, AUDIO)}
    after = settled(wanted, seats, ["far", "an"])
    assert shown(after["relay"]) == {"v0": "an/camera/q", "a0": "an/mic/q"}
    assert shown(after["other"]) == {"v0": "far/camera/q", "v1": "an/camera/q", "a0": "far/mic/q", "a1": "an/mic/q"}


NAMES = ("an", "binh", "chi", "dung", "hall")
WANTS = st.builds(
    Want, peer=st.sampled_from(NAMES), kind=st.sampled_from([Kind.CAMERA, Kind.SCREEN]), layer=st.sampled_from(list(Layer))
)
PLANS = st.builds(
    Plan,
    meeting_id=st.just(1),
    revision=st.just(1),
    peers=st.lists(
        st.builds(
            PeerPlan,
            peer=st.sampled_from(NAMES),
            heard=st.booleans(),
            stage=st.none() | WANTS,
            gallery=st.lists(WANTS, max_size=5).map(tuple),
            relay=st.none() | st.lists(WANTS, max_size=5).map(tuple),
        ),
        unique_by=lambda wanted: wanted.peer,
    ).map(tuple),
    always=st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple),
)
LOUDEST = st.permutations(NAMES)
SEATS = st.fixed_dictionaries(
    {
        name: st.builds(
            Seat,
            video=st.sampled_from([(), ("v0",), VIDEO]),
            audio=st.sampled_from([(), ("a0",), AUDIO]),
            feeds=st.frozensets(st.sampled_from([Feed(peer, kind) for peer in {name, "far"} for kind in Kind])),
        )
        for name in NAMES
    }
)


@given(SEATS, st.lists(st.tuples(PLANS, LOUDEST), max_size=3), PLANS, LOUDEST)
def test_any_history_of_plans_ends_where_the_last_one_leads(
    seats: dict[str, Seat], history: list[tuple[Plan, list[str]]], last: Plan, loudest: list[str]
) -> None:
    """Except that what stayed wanted may sit in another slot."""
    after = seats
    for wanted, ranked in history:
        # whoever was closed comes back before the next plan
        after = {**seats, **settled(wanted, after, ranked)}
    after = settled(last, after, loudest)
    alone = settled(last, seats, loudest)
    assert after.keys() == alone.keys()
    for name, end in after.items():
        assert sorted(end.bound.values()) == sorted(alone[name].bound.values())
        if end.video and any(peer.peer == name and peer.relay is None for peer in last.peers):
            assert end.bound.get(end.video[0]) == alone[name].bound.get(end.video[0])
    assert steps(last, after, loudest) == []


@given(SEATS, PLANS, LOUDEST)
def test_what_no_plan_may_lead_to(seats: dict[str, Seat], wanted: Plan, loudest: list[str]) -> None:
    relays = {peer.peer for peer in wanted.peers if peer.relay is not None}
    remote = {feed.peer for name in relays for feed in seats[name].feeds}
    allowed = heard(wanted, remote)
    assert {peer.peer for peer in wanted.peers if peer.heard} <= allowed <= {*NAMES, "far"}
    assert not any(peer.peer in allowed for peer in wanted.peers if not peer.heard)
    plans = {peer.peer: peer for peer in wanted.peers}
    for name, end in settled(wanted, seats, loudest).items():
        feeds = [bound.feed for bound in end.bound.values()]
        assert len(set(feeds)) == len(feeds)
        relay = plans[name].relay
        wants = (plans[name].stage, *plans[name].gallery) if relay is None else relay
        asked = {Feed(want.peer, want.kind) for want in wants if want}
        for mid, bound in end.bound.items():
            assert any(bound.feed in seat.feeds for peer, seat in seats.items() if peer in plans)
            if bound.feed.kind is Kind.MIC:
                assert mid in end.audio
                assert bound.feed.peer in allowed
                assert bound.feed not in end.feeds
            else:
                assert mid in end.video
                assert bound.feed in asked
                assert relay is None or bound.feed not in end.feeds
