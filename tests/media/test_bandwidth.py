import copy
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.bandwidth import CEILING, FLOOR, START, Estimator, Reported
from media.engine import Delivery
from tests.media.bottleneck import Scene, Way

# a way of steady width


@pytest.mark.parametrize("rate", [100, 300, 1000, 2000])
@pytest.mark.parametrize("delay", [0.01, 0.1, 0.2])
def test_it_finds_the_width_and_stays_there(rate: float, delay: float) -> None:
    scene = Scene(Way(rate=rate, delay=delay))
    scene.run(40)
    assert 0.7 * rate <= scene.mean(20) <= rate
    assert scene.spread(20) < 0.12
    assert scene.reached(0.7 * rate, 100) < 6
    assert scene.queue(20) < 0.1


def test_more_than_was_ever_needed_is_not_claimed() -> None:
    scene = Scene(Way(rate=50_000), demand=400)
    scene.run(30)
    assert 400 <= scene.estimator.kbps <= START * 1.01
    scene.demand = 1500
    scene.run(30)
    assert 1500 <= scene.estimator.kbps <= 1500 * 1.15


def test_a_good_way_is_known_for_good_within_seconds() -> None:
    scene = Scene(Way(rate=8000, delay=0.02), demand=2500)
    scene.run(10)
    assert scene.reached(1000, 100) < 2
    assert scene.reached(2000, 100) < 3.5


@pytest.mark.parametrize(
    ("way", "least"),
    [
        (Way(rate=300, delay=0.1, loss=0.05), 0.7),
        (Way(rate=2000, delay=0.1, loss=0.05), 0.7),
        (Way(rate=300, delay=0.2, loss=0.1), 0.65),
        (Way(rate=2000, delay=0.1, loss=0.1), 0.7),
        (Way(rate=300, delay=0.1, loss=0.1, burst=4), 0.5),
        (Way(rate=2000, delay=0.1, loss=0.1, burst=4), 0.6),
        (Way(rate=1000, delay=0.05, jitter=0.01), 0.7),
        (Way(rate=1000, delay=0.05, jitter=0.03), 0.55),
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_loss_and_jitter_that_are_not_ours_do_not_starve_it(way: Way, least: float, seed: int) -> None:
    scene = Scene(copy.copy(way), seed=seed)
    scene.run(60)
    assert least * way.rate <= scene.mean(40) <= 1.05 * way.rate


def test_what_others_send_is_left_to_them() -> None:
    scene = Scene(Way(rate=2000, others=1000))
    scene.run(60)
    assert 700 <= scene.mean(30) <= 1050
    assert scene.queue(30) < 0.15


@pytest.mark.parametrize("queue", [0.3, 1.0])
def test_a_download_beside_it_never_takes_the_voice(queue: float) -> None:
    scene = Scene(Way(rate=2000, greedy=True, queue=queue))
    scene.run(90)
    assert scene.least(90) >= 0.8 * Estimator.VOICE


# a way that changes


@pytest.mark.parametrize("queue", [0.05, 0.3, 1.0])
def test_a_drop_is_followed_at_once_and_its_end_soon(queue: float) -> None:
    scene = Scene(Way(rate=2000, delay=0.05, queue=queue))
    scene.run(20)
    scene.way.rate = 300
    scene.run(2)
    assert scene.estimator.kbps <= 350
    scene.run(30)
    assert 0.7 * 300 <= scene.mean(20) <= 1.1 * 300  # where no queue tells, it takes some loss to know
    since, scene.way.rate = scene.now, 2000
    scene.run(25)
    assert scene.reached(1400, since) < 20


def test_after_silence_it_begins_low_and_is_soon_back() -> None:
    scene = Scene(Way(rate=2000, delay=0.05))
    scene.run(20)
    scene.way.down = True
    scene.run(30)
    assert scene.estimator.kbps == Estimator.SILENT
    since, scene.way.down = scene.now, False
    scene.run(20)
    assert scene.reached(1400, since) < 12


def test_what_the_receiver_says_itself_holds_until_it_is_old() -> None:
    scene = Scene(Way(rate=3000))
    scene.run(10)
    scene.demand = 400  # it sees no more than that, and cannot know of more
    scene.run(2)
    for kbps, cap in ((700, 700), (100, 500)):
        scene.estimator.told(kbps, scene.now)
        scene.run(1)
        assert scene.estimator.kbps == pytest.approx(cap, rel=0.05)
    scene.run(10)
    assert scene.estimator.kbps > 1500


# receivers that only send reports


@pytest.mark.parametrize(
    ("reports", "sent", "rtt", "expected"),
    [
        ([(100, 10), (100, 0)], 25_000, 0.1, Delivery(200, 10, 23_750, 1.0, 0.0)),
        ([(50, -3)], 25_000, 0.3, Delivery(50, 0, 25_000, 1.0, 0.2)),
        ([(50, 60)], 25_000, 0.1, Delivery(50, 50, 0, 1.0, 0.0)),
        ([], 25_000, 0.1, None),
    ],
)
def test_reports_as_digests(reports: list[tuple[int, int]], sent: int, rtt: float, expected: Delivery | None) -> None:
    reported = Reported()
    reported.add(10, 0)
    assert reported.take(0, 0.1, 10.0) is None
    assert reported.take(1000, 0.1, 11.0) == Delivery(10, 0, 1000, 1.0, 0.0)
    for expect, lost in reports:
        reported.add(expect, lost)
    assert reported.take(1000 + sent, rtt, 11.5) is None  # soon enough
    digest = reported.take(1000 + sent, rtt, 12.0)
    assert (digest and digest._replace(delay=round(digest.delay, 6))) == expected


def test_reports_alone_find_the_width_too() -> None:
    """A report a second: the sender sends what the estimate allows, and loses what does not fit."""
    estimator, reported, now, sent = Estimator(), Reported(), 0.0, 0
    reported.take(0, 0.05, now)
    for _ in range(120):
        now += 1.0
        rate, width = min(estimator.kbps, 1500.0), 800.0
        sent += int(rate * 125)
        packets = int(rate / 8) + 1
        reported.add(packets, int(packets * max(0.0, 1 - width / rate)))
        digest = reported.take(sent, 0.05 if rate < width else 0.25, now)
        assert digest
        estimator.heard(digest, now)
        estimator.tick(now)
    assert 560 <= estimator.kbps <= 900


# whatever comes

DIGESTS = st.builds(
    Delivery,
    packets=st.integers(1, 2000),
    lost=st.integers(0, 2000),
    octets=st.integers(0, 3_000_000),
    span=st.floats(0, 5),
    delay=st.floats(-1, 30),
)
STEPS = st.lists(st.tuples(DIGESTS, st.floats(0.001, 4), st.floats(0, 2), st.booleans(), st.none() | st.floats(0, 1e9)))


def live(steps: list[tuple[Delivery, float, float, bool, float | None]]) -> tuple[Estimator, float]:
    estimator, now = Estimator(), 0.0
    for digest, passed, rtt, probe, told in steps:
        now += passed
        if told is not None:
            estimator.told(told, now)
        estimator.tick(now)
        estimator.heard(digest, now, rtt)
        rate = estimator.probe(3000, now) if probe else None
        assert rate is None or estimator.kbps < rate <= 3000 * 1.05 or rate == 64
        assert math.isfinite(estimator.kbps)
        assert FLOOR <= estimator.kbps <= CEILING
        assert 0 <= estimator.loss <= 1
    return estimator, now


@given(STEPS)
def test_any_feedback_leaves_a_number_within_bounds(steps: list[tuple[Delivery, float, float, bool, float | None]]) -> None:
    live(steps)


@given(STEPS, DIGESTS, st.integers(0, 500), st.floats(0, 10), st.floats(0, 1), st.floats(0.001, 1))
def test_worse_news_never_leads_to_more(
    steps: list[tuple[Delivery, float, float, bool, float | None]],
    news: Delivery,
    lost: int,
    delay: float,
    share: float,
    passed: float,
) -> None:
    better, now = live(steps)
    worse = copy.deepcopy(better)
    better.heard(news, now + passed, 0.1)
    octets = max(min(news.octets, 1), int(news.octets * share))
    worse.heard(news._replace(lost=news.lost + lost, delay=news.delay + delay, octets=octets), now + passed, 0.1)
    assert worse.kbps <= better.kbps * (1 + 1e-9)
