"""Numbers of one slot's stream, which goes on counting while the streams that feed it come and go."""

from media.rtp import distance


class Sequence:
    """Maps sequence numbers of whatever feeds the slot to the slot's own, which are counted without wrapping.

    No output number is ever given twice, whatever arrives: a repeated number under the same SRTP key with other
    content would break AES-GCM. Output order is input order; numbers missing in the input are missing in the output,
    so that the receiver asks for them and gets them when they are repaired.
    """

    WINDOW = 512
    """How far back, in packets, late ones still find their number."""

    JUMP = 1024
    """A leap of more than this is not loss but a sender that began anew: the output goes on without a gap."""

    def __init__(self, first: int) -> None:
        self.newest = first - 1
        self._given = [-1] * self.WINDOW
        self._newest_in = 0
        self._rules: list[tuple[int, int]] = []  # (from this input on, add this), oldest first

    def restart(self, number: int) -> None:
        """The input changes: its packet `number` follows everything sent so far; earlier ones have no place."""
        self._newest_in = number - 1
        self._rules = [(number, self.newest + 1 - number)]

    def take(self, number: int) -> int | None:
        """The output number for this packet; None if it has none (sent already, too late, before the restart)."""
        return self._place(number, hole=False)

    def skip(self, number: int) -> int | None:
        """A packet that need not be sent. None if its place was closed; else the place it left open between numbers
        already given, which something has to fill."""
        return self._place(number, hole=True)

    def _place(self, number: int, hole: bool) -> int | None:
        ahead = distance(number, self._newest_in & 0xFFFF)
        if abs(ahead) > self.JUMP:
            if ahead < 0:
                return None
            self.restart(number)
            ahead = 1
        unwrapped = self._newest_in + ahead
        if ahead > 0:
            self._newest_in = unwrapped
            if hole:
                self._rules.append((unwrapped + 1, self._rules[-1][1] - 1))
                del self._rules[: -self.WINDOW]
                return None
        start, offset = self._rules[-1]
        if unwrapped < start:
            older = next((add for start, add in reversed(self._rules) if start <= unwrapped), None)
            if older is None:
                return None
            offset = older
        out = unwrapped + offset
        if out <= self.newest - self.WINDOW or self._given[out % self.WINDOW] == out:
            return None
        self._given[out % self.WINDOW] = out
        self.newest = max(self.newest, out)
        return out


class Timestamps:
    """Rebases timestamps by the wall clock: one rule for layers and for people. Packets of the new stream follow the
    last one sent by the time that passed between them."""

    def __init__(self, first: int, rate: int) -> None:
        self.newest, self.at = first, 0.0
        self._rate, self._offset, self._begun = rate, 0, False

    def restart(self, timestamp: int, at: float) -> None:
        passed = max(1, int((at - self.at) * self._rate)) if self._begun else 0
        self._offset = self.newest + passed - timestamp
        self._begun = True

    def take(self, timestamp: int, at: float) -> int:
        out = (timestamp + self._offset) & 0xFFFFFFFF
        if distance(out, self.newest & 0xFFFFFFFF, 32) >= 0:
            self.newest, self.at = out, at
        return out


class Counter:
    """Rebases a frame counter (VP8 picture id, TL0PICIDX) whose width may change between senders and, since 7-bit
    picture ids grow to 15 bits, within one."""

    def __init__(self) -> None:
        self.newest = 0
        self._newest_in = self._offset = 0

    def restart(self, value: int) -> None:
        """`value` becomes the one after the newest."""
        self._newest_in, self._offset = value, self.newest + 1 - value

    def take(self, value: int, bits: int) -> int:
        unwrapped = self._newest_in + distance(value, self._newest_in & ((1 << bits) - 1), bits)
        self._newest_in = max(self._newest_in, unwrapped)
        self.newest = max(self.newest, unwrapped + self._offset)
        return unwrapped + self._offset
