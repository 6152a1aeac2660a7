"""A web process's part in media, with a sitting behind it and scripted nodes that are only listened to."""

from typing import Any

import gevent

from meetroom.conference.orders import Link
from meetroom.http import House
from meetroom.people import sessions
from signaling.media_nodes import MediaNodes
from tests.sitting import Sitting


class Process:
    """One web process of a house with its media nodes; `told` is what it sent to each node, `signals` to browsers."""

    def __init__(self, sitting: Sitting, *nodes: str) -> None:
        self.sitting = sitting
        self.told: list[tuple[str, str, dict[str, Any]]] = []
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.answer: Any = {"ok": True, "result": {"sdp": "v=0"}}
        self.signals: list[tuple[str, str, Any]] = []
        folder = sitting.blobs.root.parent
        self.house = House(
            sitting.store, sitting.door, sitting.blobs, sessions.actor, folder, "https://meetroom.test",
            recordings=folder / "recordings", login_attempts=3,
        )  # fmt: skip
        self.media = MediaNodes(
            self.house,
            secret="secret",
            call=self._call,
            tell=lambda sid, event, data: self.told.append((sid, event, data)),
            signal=lambda sid, meeting, name, body: self.signals.append((sid, name, body)),
        )
        sitting.door.publish = self.media.follow
        self.media.start()
        for node in nodes or ("node",):
            self.hello(node)

    def hello(self, node: str, **more: Any) -> None:
        self.told = [message for message in self.told if message[0] != node]  # another process of that name
        self.media.hello(node, {"node": node, "engine": "reference", "addresses": ["192.0.2.1"], "port": 5000, **more})
        gevent.sleep(0)

    def gone(self, node: str) -> None:
        self.settle()
        self.media.node_gone(node)
        gevent.sleep(0)

    def _call(self, sid: str, event: str, data: Any, timeout: float) -> Any:
        self.asked.append((sid, event, data))
        return self.answer

    def join(self, sid: str, persona: str, peer: str | None = None, *, trial: bool = False, controls: bool = False) -> str:
        point = None if trial else self.sitting.points.get(persona)
        person, meeting = self.sitting.people[persona], self.sitting.meeting
        who = {"meeting_id": meeting, "person_id": person, "point_id": point}
        joined = self.media.join(sid, **who, peer=peer, trial=trial, controls=controls)
        self.settle()
        return joined

    def settle(self) -> None:
        """What is done soon is done."""
        self.media.plans.flush()
        gevent.sleep(0)

    def plan(self, node: str = "node") -> dict[str, Any]:
        self.settle()
        return next((data for sid, event, data in reversed(self.told) if (sid, event) == (node, "plan")), {"peers": []})

    def planned(self, node: str = "node") -> dict[str, str | None]:
        """Whose picture is on whose stage, by the node's newest plan."""
        return {one["peer"]: one["stage"] and one["stage"]["peer"] for one in self.plan(node)["peers"]}

    def signalled(self, name: str) -> list[str]:
        self.settle()
        return [sid for sid, told, _ in self.signals if told == name]

    def reported(self, peer: str, state: str, node: str = "node", **figures: Any) -> None:
        self.media.report(node, {"meeting_id": self.sitting.meeting, "peer": peer, "state": state, **figures})
        gevent.sleep(0)


def link(sitting: Sitting, persona: str) -> Link:
    return next(point.link for point in sitting.see("chair").points if point.id == sitting.points[persona])
