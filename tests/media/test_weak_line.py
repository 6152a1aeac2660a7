"""Estimate and allocation together, as a point on a narrow line meets them: a camera of three layers and a voice."""

import pytest

from media.allocation import Allocation
from media.plan import Feed
from meetroom.conference.schema import Kind, Layer, PeerPlan, Quality, Want
from tests.media.bottleneck import Scene, Way

LAYERS = {Layer.LOW: 115.0, Layer.MID: 330.0, Layer.HIGH: 960.0}
SENT = {Quality.HIGH: 960.0, Quality.MID: 330.0, Quality.LOW: 115.0, Quality.STILLS: 50.0}
HALL = PeerPlan(peer="hall", stage=Want(peer="an", layer=Layer.HIGH))


class Point(Scene):
    """Sends what the allocation grants. `steps`: the qualities granted, and since when."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.allocation = Allocation()
        self.steps: list[tuple[float, Quality]] = []
        self.decided = 0.0

    def sending(self) -> float:
        arriving = 1 - min(0.15, self.estimator.loss)
        if self.now - self.decided >= 0.2:
            self.decided = self.now
            kbps, known = self.estimator.kbps * arriving, self.estimator.known
            rates = {Feed("an", Kind.CAMERA): LAYERS}
            grant = self.allocation.fit(HALL, rates, 56.0, 8, self.now, kbps, known=known)
            self.demand = grant.wish / arriving
            if not self.steps or self.steps[-1][1] is not grant.quality:
                self.steps.append((self.now, grant.quality))
        quality = self.steps[-1][1]
        rate = (SENT.get(quality, 0.0) + (40 if quality is not Quality.PAGE else 0)) / arriving
        return max(rate, self.padding[0]) if self.now < self.padding[1] else rate


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("way", "usual"),
    [
        (Way(rate=200, delay=0.1, queue=0.4, loss=0.1), {Quality.STILLS, Quality.AUDIO}),
        (Way(rate=300, delay=0.1, queue=0.4, loss=0.1), {Quality.LOW, Quality.STILLS}),
        (Way(rate=300, delay=0.1, queue=0.4), {Quality.LOW}),
        (Way(rate=500, delay=0.1, queue=0.4, loss=0.05), {Quality.LOW, Quality.MID}),
        (Way(rate=2000, delay=0.1, queue=0.4, loss=0.05), {Quality.HIGH}),
    ],
)
def test_a_line_that_becomes_weak_and_good_again(way: Way, usual: set[Quality], seed: int) -> None:
    good = Way(rate=20_000, delay=0.01)
    point = Point(good, seed=seed, packet=400)
    point.run(12)
    assert point.steps[-1][1] is Quality.HIGH
    assert point.steps[-1][0] < 105  # within five seconds
    assert not point.estimator.strained  # that it was not more at once is nobody's fault
    point.way = way
    point.run(20)
    settled = len(point.steps)
    point.run(60)
    later = point.steps[settled:]
    assert all(quality in {*usual, Quality.LOW, Quality.STILLS} for _, quality in later)
    assert point.steps[-1][1] in usual
    assert point.estimator.strained
    assert len(later) <= 6
    since, point.way = point.now, good
    point.run(30)
    assert point.steps[-1][1] is Quality.HIGH
    assert point.steps[-1][0] - since < 25
