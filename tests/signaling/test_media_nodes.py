"""The people connected to a media node, and the plans they get. The node itself is only listened to."""

from types import SimpleNamespace
from typing import Any, cast

import gevent
import pytest

from meetroom.conference.schema import Link, SlotsChanged
from meetroom.errors import Refusal
from meetroom.http import House
from signaling.media_nodes import MediaNodes
from tests.sitting import Sitting

HELLO = {"node": "n1", "engine": "reference", "addresses": ["192.0.2.1"], "port": 5000}


class Process:
    """One web process of a house with its media nodes; `told` is what it sent to nodes, `signals` to browsers."""

    def __init__(self, sitting: Sitting) -> None:
        self.sitting = sitting
        self.told: list[dict[str, Any]] = []
        self.signals: list[tuple[str, str, Any]] = []
        house = cast(House, SimpleNamespace(store=sitting.store, door=sitting.door))
        self.media = MediaNodes(
            house,
            secret="secret",
            call=lambda sid, event, data, timeout: {"ok": True, "result": {"sdp": "v=0"}},
            tell=lambda sid, event, data: self.told.append(data),
            signal=lambda sid, meeting, name, body: self.signals.append((sid, name, body)),
        )
        self.media.start()
        self.media.hello("node", HELLO)
        gevent.sleep(0)

    def join(self, sid: str, persona: str, peer: str | None = None, *, trial: bool = False) -> str:
        point = None if trial else self.sitting.points.get(persona)
        person, meeting = self.sitting.people[persona], self.sitting.meeting
        return self.media.join(sid, meeting_id=meeting, person_id=person, point_id=point, peer=peer, gallery=8, trial=trial)

    def planned(self) -> dict[str, str | None]:
        """Whose picture is on whose stage, by the newest plan."""
        peers = self.told[-1]["peers"] if self.told else []
        return {one["peer"]: one["stage"] and one["stage"]["peer"] for one in peers}

    def reported(self, peer: str, state: str) -> None:
        self.media.report("node", {"meeting_id": self.sitting.meeting, "peer": peer, "state": state})
        gevent.sleep(0)


@pytest.fixture
def process(sitting: Sitting) -> Process:
    return Process(sitting)


def link(sitting: Sitting, persona: str) -> Link:
    return next(point.link for point in sitting.see("chair").points if point.id == sitting.points[persona])


def test_who_comes_back_before_the_old_socket_is_dead_keeps_the_place_and_sees_the_slots_again(process: Process) -> None:
    peer = process.join("s1", "tanlap")
    shown = SlotsChanged.model_validate({"meeting_id": process.sitting.meeting, "peer": peer, "slots": [{"mid": "3"}]})
    process.media.slots("node", shown.model_dump(mode="json"))
    assert process.join("s2", "tanlap", peer) == peer
    process.media.disconnect("s1")
    process.media.sweep()
    assert [(sid, name) for sid, name, _ in process.signals] == [("s1", "slots"), ("s2", "slots")]
    assert process.signals[0][2] == process.signals[1][2]
    assert set(process.planned()) == {peer}


def test_a_point_is_on_one_machine_and_the_earlier_one_is_told(process: Process) -> None:
    first = process.join("s1", "tanlap")
    second = process.join("s2", "tanlap")
    assert process.signals == [("s1", "taken", {"peer": first})]
    assert set(process.planned()) == {second}
    with pytest.raises(Refusal, match="not_planned"):
        process.media.view("s1", first, 0, 8)


def test_nobody_takes_another_person_s_place(process: Process) -> None:
    peer = process.join("s1", "tanlap")
    assert process.join("s2", "anhoa", peer) != peer
    process.media.leave("s1", peer)


def test_a_trial_sees_itself_and_nobody_else_sees_it(process: Process) -> None:
    point, chair = process.join("s1", "anhoa"), process.join("s2", "chair")
    trial = process.join("s3", "tanlap", trial=True)
    assert process.planned() == {point: None, chair: point, trial: trial}
    process.reported(trial, "connected")
    assert link(process.sitting, "tanlap") == Link.ABSENT


def test_a_link_is_told_to_the_meeting(process: Process) -> None:
    peer = process.join("s1", "tanlap")
    process.reported(peer, "connected")
    assert link(process.sitting, "tanlap") == Link.GOOD
    process.media.node_gone("node")
    gevent.sleep(0)
    assert link(process.sitting, "tanlap") == Link.LOST


def test_after_a_restart_no_plan_goes_out_until_all_points_are_back(process: Process) -> None:
    peers = {persona: process.join(persona, persona) for persona in ("tanlap", "anhoa")}
    for peer in peers.values():
        process.reported(peer, "connected")
    again = Process(process.sitting)
    again.join("s1", "tanlap", peers["tanlap"])
    again.join("s2", "chair")
    assert again.told == []
    again.join("s3", "anhoa", peers["anhoa"])
    assert set(peers.values()) < set(again.planned())


def test_a_point_that_does_not_come_back_is_absent_and_the_others_go_on(process: Process) -> None:
    peers = {persona: process.join(persona, persona) for persona in ("tanlap", "anhoa")}
    for peer in peers.values():
        process.reported(peer, "connected")
    again = Process(process.sitting)
    again.join("s1", "tanlap", peers["tanlap"])
    again.media.forget_the_gone()
    gevent.sleep(0)
    assert set(again.planned()) == {peers["tanlap"]}
    assert link(process.sitting, "tanlap") == Link.GOOD
    assert link(process.sitting, "anhoa") == Link.ABSENT
