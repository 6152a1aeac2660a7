import pytest

from media.rates import NOMINAL, PACKET, Rate, costs
from meetroom.conference.schema import Kind, Layer

LOW, MID, HIGH = Layer


def test_a_rate_follows_what_is_counted() -> None:
    rate = Rate()
    rate.count(0, 0, 10.0)
    assert rate.kbps is None
    rate.count(1000, 1, 10.1)
    assert rate.kbps is None  # too soon to say
    for tick in range(1, 11):
        rate.count(12_500 * tick, 10 * tick, 10 + tick)
    assert rate.kbps == pytest.approx(100 + PACKET * 10 / 125)
    rate.count(12_500 * 10, 100, 21.0)
    assert rate.kbps is not None
    assert 40 < rate.kbps < 80  # half of it is forgotten in two seconds or so
    rate.count(100, 1, 22.0)  # another stream
    assert rate.kbps is None


@pytest.mark.parametrize(
    ("live", "expected", "result"),
    [
        ({LOW: 90.0, MID: 280.0, HIGH: 850.0}, (), (90, 280, 850)),
        ({LOW: 90.0, MID: 280.0}, (HIGH,), (90, 280, NOMINAL[Kind.CAMERA][HIGH])),  # paused, or not there yet
        ({LOW: 90.0, MID: 280.0}, (), (90, 280, 280)),  # a small camera
        ({LOW: 90.0, HIGH: 850.0}, (MID,), (90, NOMINAL[Kind.CAMERA][MID], 850)),
        ({LOW: 400.0, MID: 280.0}, (), (400, 400, 400)),  # never less for more
        ({HIGH: 500.0}, (), (500, 500, 500)),
        ({}, (), tuple(NOMINAL[Kind.CAMERA].values())),
    ],
)
def test_costs(live: dict[Layer, float], expected: tuple[Layer, ...], result: tuple[float, ...]) -> None:
    assert tuple(costs(Kind.CAMERA, live, expected).values()) == result
