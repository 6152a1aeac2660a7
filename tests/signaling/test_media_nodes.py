"""The people connected to media nodes, their places, and the plans the nodes get."""

import gevent
import pytest

from meetroom.conference.orders import Link
from meetroom.conference.schema import MediaOffer, SlotsChanged
from meetroom.errors import Refusal
from tests.signaling.process import Process, link
from tests.sitting import Sitting


@pytest.fixture
def process(sitting: Sitting) -> Process:
    return Process(sitting)


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
    process.gone("node")
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


def offer(process: Process, sid: str, peer: str) -> None:
    process.media.offer(sid, MediaOffer(meeting_id=process.sitting.meeting, peer=peer, sdp="v=0"))


def test_what_a_browser_need_not_send_is_told_and_told_again(process: Process) -> None:
    peer = process.join("s1", "tanlap")
    sources = [{"kind": "camera", "layer": "h"}, {"kind": "screen", "layer": None}]
    process.media.sending("node", {"meeting_id": process.sitting.meeting, "peer": peer, "sources": sources})
    process.join("s2", "tanlap", peer)
    assert process.signalled("sending") == ["s1", "s2"]
    assert process.signals[-1][2]["sources"] == sources


def test_a_shared_screen_takes_the_stage_and_gives_it_back(process: Process) -> None:
    tanlap, anhoa = process.join("s1", "tanlap"), process.join("s2", "anhoa")
    assert process.plan()["follow_voice"]
    process.media.share("s2", anhoa, True)
    assert not process.plan()["follow_voice"]
    stages = {one["peer"]: one["stage"] for one in process.plan()["peers"]}
    assert stages[tanlap] == {"peer": anhoa, "kind": "screen", "layer": "f"}
    assert stages[anhoa]["kind"] == "camera"
    process.media.share("s2", anhoa, False)
    assert process.plan()["follow_voice"]
    with pytest.raises(Refusal, match="not_planned"):
        process.media.share("s1", anhoa, True)


def test_the_technicians_limit_is_in_the_plan(process: Process) -> None:
    peer = process.join("s1", "tanlap")
    process.sitting.technician("point.limit", point_id=process.sitting.points["tanlap"], limit="audio")
    assert [one["limit"] for one in process.plan()["peers"]] == ["audio"]
    assert process.planned().keys() == {peer}


def test_quality_is_told_once_and_not_too_often(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("signaling.links.time.monotonic", lambda: clock[0])
    peer, sitting = process.join("s1", "tanlap"), process.sitting
    process.reported(peer, "connected")

    def reports() -> int:
        return len([entry for entry in sitting.told("point.changed") if entry.command == "point.report"])

    def point() -> tuple[str, str, str]:
        view = next(point for point in sitting.see("chair").points if point.id == sitting.points["tanlap"])
        return view.link, view.quality, view.reason

    sitting.published.clear()
    sitting.door.publish = lambda stream, entries: sitting.published.extend(entries)
    for quality in ("mid", "low", "mid", "low", "stills"):
        process.reported(peer, "connected", quality=quality, reason="down")
    assert reports() == 0
    clock[0] += 5
    process.media.sweep()
    gevent.sleep(0)
    assert (reports(), point()) == (1, ("good", "stills", "down"))
    process.reported(peer, "lost", quality="stills", reason="down")
    assert (reports(), point()[0]) == (2, "lost")
    for _ in range(20):
        clock[0] += 5
        process.reported(peer, "lost", quality="stills", reason="down")
        process.media.sweep()
        gevent.sleep(0)
    assert reports() == 2


def test_a_locked_conference_keeps_out_who_is_new(process: Process) -> None:
    sitting = process.sitting
    peer = process.join("s1", "tanlap")
    wall = process.join("s2", "wall")
    sitting.chair("conference.lock", locked=True)
    for persona in ("anhoa", "hanh"):
        with pytest.raises(Refusal, match="locked"):
            process.join("s3", persona)
    process.media.leave("s1", peer)
    process.media.disconnect("s2")
    assert process.join("s4", "tanlap") in process.planned()  # another machine of the same point, too
    assert process.join("s5", "wall", wall) == wall
    process.join("s6", "anhoa", trial=True)
    process.join("s7", "chair", controls=True)
    sitting.chair("conference.lock", locked=False)
    assert process.join("s8", "anhoa") in process.planned()


def test_after_a_restart_a_lock_lets_in_who_was_in(process: Process) -> None:
    peer, wall = process.join("s1", "tanlap"), process.join("s2", "wall")
    process.reported(peer, "connected")
    process.sitting.chair("conference.lock", locked=True)
    again = Process(process.sitting)
    again.join("s1", "tanlap")
    assert again.join("s2", "wall", wall) == wall
    forged = wall[:-1] + ("0" if wall[-1] != "0" else "1")
    third = Process(process.sitting)
    with pytest.raises(Refusal, match="locked"):
        third.join("s3", "wall", forged)


def test_offers_go_to_the_node_of_the_place(process: Process) -> None:
    peer = process.join("s1", "tanlap")
    offer(process, "s1", peer)
    assert [(sid, event, data["peer"]) for sid, event, data in process.asked] == [("node", "offer", peer)]
    for answer, code in (
        ({"ok": False, "error": {"code": "not_planned"}}, "not_planned"),
        ({"ok": False, "error": {"code": "bad_sdp"}}, "bad_sdp"),
        (None, "bad_sdp"),
    ):
        process.answer = answer
        with pytest.raises(Refusal, match=code):
            offer(process, "s1", peer)
    process.gone("node")
    with pytest.raises(Refusal, match="no_node"):
        offer(process, "s1", peer)


def test_meetings_of_a_node_that_is_gone_go_to_another_at_once(sitting: Sitting) -> None:
    process = Process(sitting, "a", "b")
    peer, wall = process.join("s1", "tanlap"), process.join("s2", "wall")
    process.reported(peer, "connected", "a")
    assert process.planned("a").keys() == {peer, wall} and not process.planned("b")
    process.gone("a")
    assert process.planned("b").keys() == {peer, wall}
    assert process.signalled("moved") == ["s1", "s2"]
    assert link(sitting, "tanlap") == Link.LOST
    process.reported(peer, "connected", "b")
    assert link(sitting, "tanlap") == Link.GOOD


def test_where_there_is_no_other_node_the_meeting_waits_for_its_own(process: Process) -> None:
    peer = process.join("s1", "tanlap")
    process.reported(peer, "connected")
    process.gone("node")
    assert process.signalled("moved") == []
    process.hello("node")
    assert process.planned().keys() == {peer}
    assert process.signalled("moved") == ["s1"]


def test_a_node_that_is_here_again_on_another_line_is_not_gone(process: Process) -> None:
    peer = process.join("s1", "tanlap")
    process.media.hello("node2", {"node": "node", "engine": "native", "addresses": [], "port": 1})
    process.gone("node")
    gevent.sleep(0)
    process.media.report("node2", {"meeting_id": process.sitting.meeting, "peer": peer, "state": "connected"})
    gevent.sleep(0)
    assert link(process.sitting, "tanlap") == Link.GOOD and process.signalled("moved") == []


def test_draining_moves_meetings_without_hanging_up_first(sitting: Sitting) -> None:
    process = Process(sitting, "a", "b")
    peer, other = process.join("s1", "tanlap"), process.join("s2", "anhoa")
    for one in (peer, other):
        process.reported(one, "connected", "a")
    sitting.do("admin", "node.drain", node="a", draining=True)
    assert process.planned("b").keys() == process.planned("a").keys() == {peer, other}
    assert process.signalled("moved") == ["s1", "s2"]
    newest = [(sid, event) for sid, event, _ in process.told if event == "plan"][-1]
    assert newest == ("b", "plan"), "the new node has its plan before anybody calls it"
    process.reported(peer, "closed", "a")  # the old node has no say any more
    assert link(sitting, "tanlap") == Link.GOOD
    process.reported(peer, "connecting", "b")
    assert link(sitting, "tanlap") == Link.GOOD
    process.reported(peer, "connected", "b")
    assert process.planned("a").keys() == {other}
    for one in process.media.peers.by_id.values():
        one.leave_by = 0.0
    process.media.sweep()  # who does not come is let go there as well
    assert not process.planned("a")
    assert process.planned("b").keys() == {peer, other}
    process.join("s3", "wall")
    assert len(process.planned("b")) == 3 and not process.planned("a")


def test_points_of_a_site_are_on_its_node_and_the_nodes_are_linked(sitting: Sitting) -> None:
    process = Process(sitting, "n")
    sitting.technician("point.place", point_id=sitting.points["anhoa"], site="xa")
    near, far = process.join("s1", "tanlap"), process.join("s2", "anhoa")
    assert process.planned("n").keys() == {near, far}  # the site's node is not there yet
    process.hello("xa-1", site="xa")
    assert process.signalled("moved") == ["s2"]
    process.reported(far, "connected", "xa-1")
    assert process.planned("n").keys() == {near, "relay-xa-1"}
    assert process.planned("xa-1").keys() == {far, "relay-xa-1"}
    assert process.plan("xa-1")["uplinks"] == [{"node": "n", "peer": "relay-xa-1"}]
    calls = {"meeting_id": sitting.meeting, "peer": "relay-xa-1", "sdp": "v=0", "sources": {}}
    assert process.media.uplink("xa-1", calls) == {"sdp": "v=0"}
    assert process.asked[-1] == ("n", "offer", calls)
    for sid in ("n", "stranger"):
        with pytest.raises(Refusal, match="not_planned"):
            process.media.uplink(sid, calls)
    with pytest.raises(Refusal, match="not_planned"):
        process.media.uplink("xa-1", {**calls, "peer": near})
    shown = {"meeting_id": sitting.meeting, "peer": "relay-xa-1", "slots": [{"mid": "3", "peer": far, "kind": "camera"}]}
    process.media.slots("xa-1", shown)
    process.media.slots("n", shown)
    assert [(sid, event) for sid, event, _ in process.told[-2:]] == [("n", "slots"), ("xa-1", "slots")]
    process.gone("xa-1")
    assert process.planned("n").keys() == {near, far} and process.signalled("moved") == ["s2", "s2"]


def test_after_a_restart_a_meeting_stays_on_the_node_that_carries_it(sitting: Sitting) -> None:
    process = Process(sitting, "a", "b")
    peer = process.join("s1", "wall")
    process.reported(peer, "connected", "a")
    again = Process(sitting, "b")
    assert again.join("s1", "wall", peer) == peer
    assert again.planned("b").keys() == {peer}
    again.hello("a")
    again.reported(peer, "connected", "a")
    assert again.planned("a").keys() == {peer} and not again.planned("b")
    assert again.signalled("moved") == []


def test_while_points_come_back_they_are_heard_of_already(process: Process) -> None:
    peers = {persona: process.join(persona, persona) for persona in ("tanlap", "anhoa")}
    for peer in peers.values():
        process.reported(peer, "connected")
    again = Process(process.sitting)
    again.join("s1", "tanlap", peers["tanlap"])
    again.reported(peers["tanlap"], "connected", loss_down_pct=9)
    assert link(process.sitting, "tanlap") == Link.WEAK and again.signalled("link") == ["s1"]
    assert not again.told


def test_many_who_come_at_once_share_a_plan(process: Process) -> None:
    sitting, told = process.sitting, len(process.told)
    for number in range(40):
        process.media.join(f"s{number}", meeting_id=sitting.meeting, person_id=1000 + number, point_id=None)
    process.settle()
    assert len(process.told) == told + 1 and len(process.planned()) == 40
    peer = process.media.join("late", meeting_id=sitting.meeting, person_id=1, point_id=None)
    offer(process, "late", peer)  # does not wait for the plan, and the node has it
    assert process.told[-1][2]["peers"][-1]["peer"] == peer


def test_who_may_no_longer_see_the_meeting_is_hung_up_on(process: Process) -> None:
    sitting = process.sitting
    peers = {persona: process.join(persona, persona) for persona in ("tanlap", "anhoa", "guest", "chair", "admin")}
    trial = process.join("trial", "tanlap", trial=True)

    def member(persona: str) -> int:
        return next(one.id for one in sitting.see("secretary").members if one.person_id == sitting.people[persona])

    sitting.secretary("member.remove", member_id=member("guest"))
    assert process.planned().keys() == {*peers.values(), trial} - {peers["guest"]}
    sitting.chair("member.arrive")
    assert peers["chair"] in process.planned()
    sitting.secretary("member.update", member_id=member("anhoa"), role="operator", point_id=sitting.points["tanlap"])
    assert process.planned().keys() == {peers["tanlap"], peers["chair"], peers["admin"], trial}
    sitting.secretary("point.remove", point_id=sitting.points["tanlap"])
    assert process.planned().keys() == {peers["chair"], peers["admin"], trial}


def test_a_node_that_comes_back_lets_go_of_what_has_moved(sitting: Sitting) -> None:
    process = Process(sitting, "a", "b")
    peer = process.join("s1", "wall")
    process.reported(peer, "connected", "a")
    process.gone("a")
    process.reported(peer, "connected", "b")
    process.hello("a")
    process.reported(peer, "connected", "a")
    assert process.told[-1][0] != "a"  # not so soon after our own start: somebody may still come back
    process.media.forget_the_gone()
    process.reported(peer, "connected", "a")
    assert process.told[-1][:2] == ("a", "plan") and process.told[-1][2]["peers"] == []
    assert process.planned("b").keys() == {peer}


def test_who_speaks_at_a_site_is_at_hand_elsewhere(sitting: Sitting) -> None:
    process = Process(sitting, "n")
    process.hello("xa-1", site="xa")
    for village in ("one", "two"):
        person = sitting.people[village] = sitting.do("admin", "person.create", full_name=f"Trưởng thôn {village}")["id"]
        point = sitting.points[village] = sitting.secretary("point.add", name=f"Thôn {village}")["id"]
        sitting.secretary("member.invite", person_id=person, role="operator", point_id=point)
        sitting.technician("point.place", point_id=point, site="xa")
    peers = {persona: process.join(persona, persona) for persona in ("tanlap", "anhoa", "one", "two")}

    def crossing() -> dict[str, str]:
        [link] = [one for one in process.plan("xa-1")["peers"] if one["relay"] is not None]
        return {want["peer"]: want["layer"] for want in link["relay"]}

    assert crossing() == {peers["one"]: "q", peers["two"]: "q"}  # thumbnails
    process.reported(peers["two"], "connected", "xa-1", speaking=True)
    assert crossing() == {peers["one"]: "q", peers["two"]: "q"}  # its microphone is not open
    sitting.do("two", "point.mic", meeting_id=sitting.meeting, on=True)
    assert crossing() == {peers["one"]: "q", peers["two"]: "f"}
    sitting.chair("stage.pin", point_id=sitting.points["tanlap"])
    assert crossing() == {peers["one"]: "q", peers["two"]: "q"}
