"""Who is speaking, from the audio-level header extension (RFC 6464). Pure: time is passed in."""

import math
from collections.abc import Collection, Sequence

SILENCE = 127
"""Levels are -dBov on the wire; here they are turned round, so that 0 is silence and 127 the loudest."""


class Loudness:
    """Smoothed loudness of each voice. It rises faster than it falls; a voice that sends nothing (DTX) falls too."""

    RISE, FALL = 0.2, 1.0  # time constants in seconds
    PACKET, PAUSE = 0.02, 0.06  # seconds of sound in a packet; longer between two than this is a pause
    SPEAKING = 72  # -55 dBov, above the noise of a room
    MARGIN = 12  # dB by which a voice must exceed another to take its place

    def __init__(self) -> None:
        self._voices: dict[str, tuple[float, float]] = {}  # voice -> loudness, at that time

    def hear(self, voice: str, level: float, at: float, packets: int = 1) -> None:
        """`level` as on the wire, the mean of so many packets, of which the last came at that time."""
        loudness, since = self._voices.get(voice, (0.0, at))
        passed = at - since
        if not 0 < passed <= self.PAUSE * packets:  # packets after a pause count for themselves, not for the pause
            passed = self.PACKET * packets
            loudness = self.of(voice, max(since, at - passed))
        target = SILENCE - level
        constant = self.RISE if target > loudness else self.FALL
        self._voices[voice] = (loudness + (target - loudness) * (1 - math.exp(-passed / constant)), at)

    def of(self, voice: str, now: float) -> float:
        """0 to 127; 0 for a voice never heard."""
        loudness, since = self._voices.get(voice, (0.0, now))
        return loudness * math.exp(-max(0.0, now - since) / self.FALL)

    def speaking(self, voice: str, now: float) -> bool:
        return self.of(voice, now) >= self.SPEAKING

    def rank(self, voices: Collection[str], before: Sequence[str], now: float) -> list[str]:
        """The loudest first, except that a voice keeps its place `before` until another is louder by MARGIN."""
        known = [voice for voice in before if voice in voices]
        ranked: list[str] = []
        loudness = {voice: self.of(voice, now) for voice in voices}
        for voice in (*known, *sorted(set(voices) - set(known))):
            clearly = loudness[voice] - self.MARGIN
            ranked.insert(next((i for i, other in enumerate(ranked) if clearly > loudness[other]), len(ranked)), voice)
        return ranked

    def forget(self, voice: str) -> None:
        self._voices.pop(voice, None)
