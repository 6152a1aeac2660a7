"""Who takes the stage by voice. Pure: time is passed in."""

from meetroom.conference.schema import Kind, Layer, PeerPlan, Plan, Want


class Speaker:
    """Follows the loudest voice, but not every cough: one must have spoken for a while to take the stage, and has it for a
    while. In silence it stays with whoever spoke last."""

    TAKE = 2.0  # seconds of speech
    STAY = 3.0  # seconds
    PAUSE = 0.7  # of breath, in which the speech goes on

    def __init__(self) -> None:
        self.current: str | None = None
        self.previous: str | None = None
        self._candidate: str | None = None
        self._since = self._heard_at = 0.0
        self._taken_at = float("-inf")

    def follow(self, loudest: str | None, now: float) -> bool:
        """`loudest`: of those who speak at the moment and have a camera. Whether the stage changes hands."""
        if loudest is None:
            if now - self._heard_at > self.PAUSE:
                self._candidate = None
            return False
        if loudest != self._candidate:
            self._candidate, self._since = loudest, now
        self._heard_at = now
        if loudest == self.current or now - self._since < self.TAKE or now - self._taken_at < self.STAY:
            return False
        self.previous, self.current, self._taken_at = self.current, loudest, now
        return True

    def forget(self, peer: str) -> None:
        """Who has left keeps no place."""
        if self.current == peer:
            self.current, self.previous, self._taken_at = self.previous, None, float("-inf")
        if self.previous == peer:
            self.previous = None
        if self._candidate == peer:
            self._candidate = None


def staged(plan: Plan, speaker: Speaker) -> Plan:
    """The plan with the speaker's camera on everybody's stage, if it says so. Speakers see the one before them. A screen
    stays, and so does what a machine sees that only tries itself."""
    if not plan.follow_voice or speaker.current is None:
        return plan
    return plan.model_copy(update={"peers": tuple(_staged(wanted, speaker) for wanted in plan.peers)})


def _staged(wanted: PeerPlan, speaker: Speaker) -> PeerPlan:
    shown = speaker.current if speaker.current != wanted.peer else speaker.previous
    stage = wanted.stage
    if shown is None or shown == wanted.peer or wanted.echo or wanted.relay is not None:
        return wanted
    if stage is not None and (stage.kind is Kind.SCREEN or stage.peer == shown):
        return wanted
    gallery = [want for want in wanted.gallery if stage is None or (want.peer, want.kind) != (stage.peer, stage.kind)]
    if stage is not None:  # who gives way takes the other's place
        freed = stage.model_copy(update={"layer": Layer.LOW})
        gallery = [freed if (want.peer, want.kind) == (shown, Kind.CAMERA) else want for want in gallery]
    return wanted.model_copy(update={"stage": Want(peer=shown, kind=Kind.CAMERA, layer=Layer.HIGH), "gallery": tuple(gallery)})
