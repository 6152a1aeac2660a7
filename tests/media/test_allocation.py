from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.allocation import ALL, LADDER, LEAST, STILL, VOICE, Allocation, Grant
from media.plan import Feed
from meetroom.conference.schema import Kind, Layer, PeerPlan, Quality, Reason, Want

CAMERA = {Layer.LOW: 100.0, Layer.MID: 300.0, Layer.HIGH: 900.0}
SCREEN = dict.fromkeys(Layer, 1500.0)
NAMES = ("an", "binh", "chi", "dung")
RATES = {Feed(name, Kind.CAMERA): CAMERA for name in NAMES} | {Feed("an", Kind.SCREEN): SCREEN}
HALL = PeerPlan(peer="hall", stage=Want(peer="an", layer=Layer.HIGH), gallery=tuple(Want(peer=name) for name in NAMES[1:]))


def spent(grant: Grant, rates: Mapping[Feed, Mapping[Layer, float]], sounds: float) -> float:
    """What the grant costs."""
    wants = [want for want in (grant.plan.stage, *grant.plan.gallery) if want]
    costs = [rates[Feed(want.peer, want.kind)][want.layer] for want in wants if Feed(want.peer, want.kind) in rates]
    if grant.stills and costs:
        costs[0] *= STILL
    return sum(costs) + min(sounds, grant.voices * VOICE)


def carried(allocation: Allocation, kbps: float, seconds: float = 4.0, since: float = 0.0, **how: object) -> Grant:
    """After so many seconds of the same estimate."""
    wanted, rates, sounds = how.get("wanted", HALL), how.get("rates", RATES), how.get("sounds", 60.0)
    for tick in range(int(seconds * 5) + 1):
        grant = allocation.fit(wanted, rates, sounds, 8, since + tick / 5, kbps, known=bool(how.get("known", True)))  # type: ignore[arg-type]
    return grant


@pytest.mark.parametrize(
    ("kbps", "quality", "gallery", "voices"),
    [
        (5000, Quality.HIGH, 3, ALL),
        (1300, Quality.HIGH, 1, ALL),
        (1150, Quality.HIGH, 0, ALL),
        (1000, Quality.MID, 3, ALL),  # 960 would fit, but not with the margin
        (480, Quality.MID, 0, ALL),
        (400, Quality.MID, 0, ALL),  # where it began it stays, as long as it fits
        (355, Quality.LOW, 1, ALL),
        (161, Quality.LOW, 0, ALL),
        (159, Quality.STILLS, 0, ALL),
        (89, Quality.AUDIO, 0, ALL),
        (30, Quality.AUDIO, 0, 1),
        (23, Quality.PAGE, 0, 0),
    ],
)
def test_what_fits(kbps: float, quality: Quality, gallery: int, voices: int) -> None:
    grant = carried(Allocation(), kbps)
    assert (grant.quality, len(grant.plan.gallery), grant.voices) == (quality, gallery, voices)
    assert grant.stills == (quality is Quality.STILLS)
    assert [want.peer for want in grant.plan.gallery] == list(NAMES[1 : 1 + gallery])  # the last ones go first
    layers = {Quality.HIGH: Layer.HIGH, Quality.MID: Layer.MID, Quality.LOW: Layer.LOW, Quality.STILLS: Layer.LOW}
    assert (grant.plan.stage and grant.plan.stage.layer) == layers.get(quality)
    assert grant.reason is (Reason.NONE if quality is Quality.HIGH else Reason.DOWN)


def test_several_voices_are_thinned_out_before_all_fall_silent() -> None:
    assert [carried(Allocation(), kbps, sounds=224).voices for kbps in (230, 180, 120, 60, 30, 20)] == [ALL, 3, 2, 1, 1, 0]


def test_a_plan_without_pictures_needs_nothing_more() -> None:
    grant = carried(Allocation(), 70, wanted=PeerPlan(peer="hall"))
    assert (grant.quality, grant.reason) == (Quality.HIGH, Reason.NONE)


def test_a_screen_that_does_not_fit_becomes_stills() -> None:
    wanted = PeerPlan(peer="hall", stage=Want(peer="an", kind=Kind.SCREEN, layer=Layer.HIGH))
    assert carried(Allocation(), 2000, wanted=wanted).quality is Quality.HIGH
    assert carried(Allocation(), 900, wanted=wanted).quality is Quality.STILLS
    assert carried(Allocation(), 400, wanted=wanted).quality is Quality.AUDIO


@pytest.mark.parametrize("limit", list(Quality))
def test_a_limit_holds_whatever_the_way_carries(limit: Quality) -> None:
    wanted = HALL.model_copy(update={"limit": limit})
    grant = carried(Allocation(), 20_000, wanted=wanted)
    assert grant.quality is limit
    assert grant.reason is (Reason.NONE if limit is Quality.HIGH else Reason.LIMIT)
    assert (grant.voices == 0) == (limit is Quality.PAGE)
    assert bool(grant.plan.gallery) == (limit in (Quality.HIGH, Quality.MID, Quality.LOW))
    assert carried(Allocation(), 160, wanted=wanted).reason is (
        Reason.LIMIT if LADDER.index(limit) >= LADDER.index(Quality.LOW) else Reason.DOWN
    )


def test_before_the_first_estimate_the_stage_has_its_middle_layer() -> None:
    grant = carried(Allocation(), 500, known=False)
    assert (grant.quality, grant.reason) == (Quality.MID, Reason.NONE)
    assert grant.wish > 900  # and what it waits for is known


def test_down_at_once_and_up_when_more_has_been_carried_for_a_while() -> None:
    allocation = Allocation()
    assert carried(allocation, 3000).quality is Quality.HIGH
    assert carried(allocation, 200, 0, since=10).quality is Quality.LOW
    assert carried(allocation, 3000, 2.8, since=10.2).quality is Quality.LOW
    assert carried(allocation, 3000, 0.6, since=13).quality is Quality.HIGH
    assert carried(allocation, 300, 0, since=14).quality is Quality.LOW
    for second in range(20):  # once in three seconds it does not carry more
        grant = carried(allocation, 300 if second % 3 == 0 else 3000, 0.8, since=15 + second)
        assert grant.quality is Quality.LOW


@pytest.mark.parametrize("level", [1.0, 0.97, 0.93])
def test_noise_within_the_margin_changes_nothing_for_long(level: float) -> None:
    """The estimate plays around what the highest layer costs."""
    allocation, seen = Allocation(), []
    for tick in range(600):
        noise = 1 + 0.06 * (1 if tick % 7 < 3 else -1)
        grant = allocation.fit(HALL, RATES, 60.0, 8, tick / 5, 960 * level * noise, known=True)
        seen.append((grant.quality, len(grant.plan.gallery)))
    changes = sum(one != other for one, other in zip(seen, seen[1:], strict=False))
    assert changes <= 3


def test_a_new_stage_has_what_the_old_one_had() -> None:
    allocation = Allocation()
    carried(allocation, 1200)
    other = HALL.model_copy(update={"stage": Want(peer="chi", layer=Layer.HIGH)})
    assert carried(allocation, 1200, 0, since=5, wanted=other).quality is Quality.HIGH


def test_what_nobody_sends_costs_nothing_and_holds_nothing_back() -> None:
    rates = {feed: costs for feed, costs in RATES.items() if feed.peer != "an"}
    grant = carried(Allocation(), 500, rates=rates)
    assert (grant.quality, len(grant.plan.gallery)) == (Quality.HIGH, 3)


WANTS = st.builds(
    Want, peer=st.sampled_from(NAMES), kind=st.sampled_from([Kind.CAMERA, Kind.SCREEN]), layer=st.sampled_from(list(Layer))
)
PLANS = st.builds(
    PeerPlan,
    peer=st.just("hall"),
    stage=st.none() | WANTS,
    gallery=st.lists(WANTS, max_size=5).map(tuple),
    limit=st.sampled_from(list(Quality)),
)
LIVES = st.lists(
    st.tuples(PLANS, st.floats(0, 5000), st.floats(0, 300), st.floats(0.05, 5), st.booleans(), st.integers(0, 8)),
    min_size=1,
    max_size=12,
)


@given(LIVES)
def test_never_more_than_fits_except_the_last_voice(lives: list[tuple[PeerPlan, float, float, float, bool, int]]) -> None:
    allocation, now = Allocation(), 0.0
    for wanted, kbps, sounds, passed, known, places in lives:
        now += passed
        grant = allocation.fit(wanted, RATES, sounds, places, now, kbps, known=known)
        if grant.voices == 1:
            assert grant.plan.stage is None or spent(grant, RATES, sounds) <= kbps + VOICE
        else:
            assert spent(grant, RATES, sounds) <= kbps + 0.001
        assert LADDER.index(grant.quality) >= LADDER.index(wanted.limit)
        assert len(grant.plan.gallery) <= places
        if grant.plan.stage is not None:
            assert wanted.stage is not None
            assert list(Layer).index(grant.plan.stage.layer) <= list(Layer).index(wanted.stage.layer)
        if kbps >= LEAST and wanted.limit is not Quality.PAGE:
            assert grant.voices > 0 or grant.quality is Quality.PAGE


@given(LIVES, st.floats(0, 5000))
def test_a_narrower_way_never_gets_more(lives: list[tuple[PeerPlan, float, float, float, bool, int]], less: float) -> None:
    wide, narrow, now = Allocation(), Allocation(), 0.0
    for wanted, kbps, sounds, passed, known, places in lives:
        now += passed
        one = wide.fit(wanted, RATES, sounds, places, now, kbps, known=known)
        other = narrow.fit(wanted, RATES, sounds, places, now, kbps, known=known)
    assert one == other
    one = wide.fit(wanted, RATES, sounds, places, now, kbps, known=known)
    other = narrow.fit(wanted, RATES, sounds, places, now, min(kbps, less), known=known)
    assert LADDER.index(other.quality) >= LADDER.index(one.quality)


def test_what_fits_of_a_relay() -> None:
    """The picture for the stage at the other end comes first, whatever its place in the plan; the last ones go."""
    wants = (*(Want(peer=name) for name in NAMES[:3]), Want(peer=NAMES[3], layer=Layer.HIGH))
    line = PeerPlan(peer="relay-site", relay=wants)

    def sent(kbps: float) -> list[tuple[str, Layer]]:
        grant = carried(Allocation(), kbps, wanted=line)
        assert grant.plan.gallery == () and grant.plan.relay is not None
        return [(want.peer, want.layer) for want in grant.plan.relay]

    assert sent(2000) == [("dung", Layer.HIGH), ("an", Layer.LOW), ("binh", Layer.LOW), ("chi", Layer.LOW)]
    assert sent(700) == [("dung", Layer.MID), ("an", Layer.LOW), ("binh", Layer.LOW)]
    assert sent(200) == [("dung", Layer.LOW)]
    assert sent(60) == []
