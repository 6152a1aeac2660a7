"""How one connection fares, as the server is told."""

from dataclasses import dataclass

from media.engine import Traffic


@dataclass
class Tally:
    """Packets of one direction."""

    expected: int = 0
    lost: int = 0

    def add(self, expected: int, lost: int) -> None:
        self.expected += expected
        self.lost += lost

    def take(self) -> float:
        """Percent lost since the last call."""
        percent = 100 * self.lost / self.expected if self.expected else 0.0
        self.expected = self.lost = 0
        return round(percent, 1)


class Figures:
    def __init__(self, now: float) -> None:
        self.up, self.down = Tally(), Tally()
        self._before = (Traffic(0, 0, 0, 0.0), now)

    def kbps(self, traffic: Traffic, now: float) -> tuple[int, int]:
        """Up and down, kbit/s since the last call."""
        (before, since), self._before = self._before, (traffic, now)
        passed = max(0.001, now - since)
        up, down = traffic.received - before.received, traffic.sent - before.sent
        return int(up / passed / 125), int(down / passed / 125)
