"""Which node carries what, as tables and properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetroom.conference.schema import Kind, Layer, PeerPlan, Plan, Record, Uplink, Want
from signaling.placement import Place, at_site, home, relay_name, split

SITE = Place("xa", site="xa", records=True)


@pytest.mark.parametrize(
    ("places", "current", "recorded", "chosen"),
    [
        ([], "a", False, None),
        ([Place("a"), Place("b")], None, False, "a"),
        ([Place("a", cores=0.4), Place("b", cores=0.1)], None, False, "b"),
        ([Place("a", peers=9), Place("b", peers=3)], None, False, "b"),
        ([Place("a", peers=9), Place("b", peers=3)], "a", False, "a"),  # it stays where it is
        ([Place("a", draining=True), Place("b")], "a", False, "b"),
        ([Place("a", draining=True)], "a", False, "a"),  # there is nothing else
        ([Place("a"), SITE], None, True, "a"),  # a site's node is for its points, even if it could record
        ([SITE], None, False, "xa"),
        ([Place("a"), Place("b", records=True)], "a", True, "b"),
        ([Place("a"), Place("b", records=True)], "a", False, "a"),
        ([Place("b")], "a", False, "b"),  # its own is gone
    ],
)
def test_a_meetings_own_node(places: list[Place], current: str | None, recorded: bool, chosen: str | None) -> None:
    assert home(places, current, recorded=recorded) == chosen


def test_a_sites_node_serves_its_points_while_it_is_there() -> None:
    assert at_site([Place("a"), SITE], "xa") == "xa"
    assert at_site([Place("a"), SITE], "") is None
    assert at_site([Place("a")], "xa") is None
    assert at_site([Place("a"), Place("xa", site="xa", draining=True)], "xa") is None


def test_names_of_relays() -> None:
    assert relay_name("hall-1") == "relay-hall-1"
    assert relay_name("node.example.vn") != relay_name("node.example.com")
    assert len(relay_name("x" * 60)) <= 40


def camera(peer: str, layer: Layer = Layer.LOW) -> Want:
    return Want(peer=peer, layer=layer)


def wanting(peer: str, stage: str | None, *gallery: str, heard: bool = False) -> PeerPlan:
    return PeerPlan(
        peer=peer, heard=heard, stage=camera(stage, Layer.HIGH) if stage else None, gallery=tuple(camera(g) for g in gallery)
    )


def whole(*peers: PeerPlan, **more: object) -> Plan:
    return Plan.model_validate({"meeting_id": 1, "revision": 7, "peers": peers, **more})


def relay(plan: Plan) -> dict[str, set[tuple[str, Layer]]]:
    return {one.peer: {(want.peer, want.layer) for want in one.relay} for one in plan.peers if one.relay is not None}


def test_one_node_gets_the_whole_plan() -> None:
    plan = whole(wanting("a", "b"), wanting("b", "a"), record=Record(recording_id=3, chapter="Khai mạc"))
    assert split(plan, {"a": "n", "b": "n"}, "n", leaving={}) == {"n": plan}
    assert split(plan, {"a": "n", "b": "m"}, "n", leaving={})["m"].record is None


def test_each_source_crosses_an_uplink_once_in_the_highest_layer_wanted() -> None:
    plan = whole(
        wanting("a", "b", "c", "d"), wanting("b", "a", "c", "d"),
        wanting("c", "b", "a", "d"), wanting("d", "b", "a", "c"), wanting("wall", "d"),
    )  # fmt: skip
    parts = split(plan, {"a": "n", "b": "n", "wall": "n", "c": "xa", "d": "xa"}, "n", leaving={})
    assert [peer.peer for peer in parts["n"].peers] == ["a", "b", "wall", "relay-xa"]
    assert [peer.peer for peer in parts["xa"].peers] == ["c", "d", "relay-xa"]
    assert relay(parts["n"]) == {"relay-xa": {("b", Layer.HIGH), ("a", Layer.LOW)}}
    assert relay(parts["xa"]) == {"relay-xa": {("c", Layer.LOW), ("d", Layer.HIGH)}}
    assert parts["xa"].uplinks == (Uplink(node="n", peer="relay-xa"),)
    assert parts["n"].uplinks == ()


def test_two_sites_see_each_other_through_the_meetings_own_node() -> None:
    plan = whole(wanting("c", "e"), wanting("e", "c"))
    parts = split(plan, {"c": "xa", "e": "xb"}, "n", leaving={})
    assert set(parts) == {"n", "xa", "xb"}
    assert relay(parts["n"]) == {"relay-xa": {("e", Layer.HIGH)}, "relay-xb": {("c", Layer.HIGH)}}
    assert relay(parts["xa"]) == {"relay-xa": {("c", Layer.HIGH)}}
    assert relay(parts["xb"]) == {"relay-xb": {("e", Layer.HIGH)}}


def test_where_the_loudest_takes_the_stage_those_who_spoke_last_cross() -> None:
    peers = (wanting("a", "b", heard=True), wanting("b", "a", heard=True), wanting("c", "a", heard=True), wanting("d", "a"))
    node_of = {"a": "n", "b": "n", "c": "xa", "d": "xa"}
    for follow, voices, down, up in (
        (True, ("b", "c", "d"), {("a", Layer.HIGH), ("b", Layer.HIGH)}, {("c", Layer.HIGH)}),  # d may not be heard
        (True, (), {("a", Layer.HIGH)}, set()),
        (False, ("b", "c"), {("a", Layer.HIGH)}, set()),
    ):
        parts = split(whole(*peers, follow_voice=follow), node_of, "n", leaving={}, voices=voices)
        assert (relay(parts["n"]), relay(parts["xa"])) == ({"relay-xa": down}, {"relay-xa": up})


def test_what_is_recorded_comes_to_the_node_that_records() -> None:
    peers = (wanting("c", "d", heard=True), wanting("d", "c"))
    for stage, follow in ((camera("d", Layer.HIGH), False), (None, True)):
        plan = whole(*peers, follow_voice=follow, record=Record(recording_id=1, stage=stage, chapter="Khai mạc"))
        parts = split(plan, {"c": "xa", "d": "xa"}, "n", leaving={}, voices=("c",))
        assert relay(parts["xa"]) == {"relay-xa": {("d" if stage else "c", Layer.HIGH)}}


def test_who_is_on_the_way_stays_in_both_plans() -> None:
    plan = whole(wanting("a", "b"), wanting("b", "a"))
    parts = split(plan, {"a": "n", "b": "n"}, "n", leaving={"a": "old", "b": "n"})
    assert [peer.peer for peer in parts["n"].peers] == ["a", "b"]
    assert [peer.peer for peer in parts["old"].peers] == ["a"]
    assert parts["old"].uplinks == () and relay(parts["n"]) == {}


NAMES = [f"p{n}" for n in range(12)]


@given(st.data())
def test_any_conference_over_any_nodes(data: st.DataObject) -> None:
    """Whatever is wanted somewhere comes from that node's own peers or over exactly one relay into it."""
    people = data.draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    node_of = {name: data.draw(st.sampled_from(["n", "xa", "xb", "xc"])) for name in people}
    peers = []
    for name in people:
        others = [other for other in people if other != name]
        shown = data.draw(st.lists(st.sampled_from(others), unique=True, max_size=5)) if others else []
        peers.append(wanting(name, *(shown or [None])))
    parts = split(whole(*peers), node_of, "n", leaving={})
    assert {peer.peer: node for node, part in parts.items() for peer in part.peers if peer.relay is None} == node_of
    for node, part in parts.items():
        here = {name for name, at in node_of.items() if at == node}
        comes = here | {
            want.peer
            for other, theirs in parts.items()
            for link in theirs.peers
            if link.relay is not None and other != node and (link.peer == relay_name(node) or node == "n")
            for want in link.relay
        }
        for peer in part.peers:
            if peer.relay is None:
                assert {want.peer for want in (*((peer.stage,) if peer.stage else ()), *peer.gallery)} <= comes
            else:
                assert {want.peer for want in peer.relay} <= comes
                assert len({(want.peer, want.kind) for want in peer.relay}) == len(peer.relay)
                assert all(want.kind == Kind.CAMERA for want in peer.relay)
                # Nothing crosses that nobody beyond looks at, nor in a higher layer than anybody there does.
                end = next(far for far in parts if relay_name(far) == peer.peer) if node == "n" else None
                beyond = [one for one in peers if (node_of[one.peer] == end if end else node_of[one.peer] != node)]
                looked_at = {
                    (want.peer, want.layer) for one in beyond for want in (*((one.stage,) if one.stage else ()), *one.gallery)
                }
                assert {(want.peer, want.layer) for want in peer.relay} <= looked_at
