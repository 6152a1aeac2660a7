"""Whatever comes in whatever order: everybody has a place on a node that is there, and that node's plan names them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetroom.errors import Refusal
from meetroom.store.engine import open_store
from signaling import placement
from tests.signaling.process import Process
from tests.sitting import Sitting

NODES = {"a": "", "b": "", "xa": "xa"}  # with their sites
PEOPLE = ("tanlap", "anhoa", "chair", "wall")
STEPS = st.one_of(
    st.tuples(st.just("hello"), st.sampled_from(sorted(NODES))),
    st.tuples(st.just("gone"), st.sampled_from(sorted(NODES))),
    st.tuples(st.just("drain"), st.sampled_from(sorted(NODES)), st.booleans()),
    st.tuples(st.just("join"), st.sampled_from(PEOPLE), st.booleans()),
    st.tuples(st.just("leave"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("report"), st.sampled_from(PEOPLE), st.sampled_from(sorted(NODES)), st.sampled_from(["connected", "lost"])),
    st.tuples(st.just("place"), st.sampled_from(["", "xa"])),
    st.tuples(st.just("sweep")),
)


@pytest.fixture(scope="module")
def sitting(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sitting]:
    folder = tmp_path_factory.mktemp("any-order")
    (folder / "meetroom.sqlite").write_bytes(sqlite_template.read_bytes())
    store = open_store(f"sqlite:///{folder / 'meetroom.sqlite'}")
    yield Sitting(store, folder / "blobs")
    store.close()


class Evening(Process):
    """The steps, and what each persona's browser knows."""

    def __init__(self, sitting: Sitting) -> None:
        super().__init__(sitting, "a", "b")
        self.here = {"a", "b"}
        self.names: dict[str, str] = {}
        self.moved: set[str] = set()

    def take(self, step: tuple[Any, ...]) -> None:
        match step:
            case "hello", node:
                self.hello(node, site=NODES[node])
                self.here.add(node)
            case "gone", node:
                self.gone(node)
                self.here.discard(node)
            case "drain", node, draining:
                self.sitting.do("admin", "node.drain", node=node, draining=draining)
            case "join", persona, again:
                self.names[persona] = self.join(persona, persona, self.names.get(persona) if again else None)
            case "leave", persona:
                try:
                    self.media.leave(persona, self.names.get(persona, ""))
                except Refusal as no:
                    assert no.code == "not_planned"
            case "report", persona, node, state:
                if persona in self.names:
                    self.reported(self.names[persona], state, node)
            case "place", site:
                self.sitting.technician("point.place", point_id=self.sitting.points["anhoa"], site=site)
            case ("sweep",):
                for peer in self.media.peers.by_id.values():
                    peer.leave_by = 0.0
                self.media.sweep()
        self.settle()

    def check(self) -> None:
        peers = self.media.peers.by_id
        for node in self.here:
            planned = {one["peer"] for one in self.plan(node)["peers"] if one["relay"] is None}
            there = {peer.id for peer in peers.values() if node in (peer.node, peer.leaving)}
            assert planned == there, node
        if peers and self.here:
            home = self.media.plans.homes[self.sitting.meeting]
            assert home in self.here
            for peer in peers.values():
                assert peer.node in self.here and peer.leaving in (self.here | {None}) - {peer.node}
                assert peer.node == home or NODES[peer.node] == "xa"
            far = {peer.node for peer in peers.values()} - {home}
            for node in far:
                assert [one["node"] for one in self.plan(node)["uplinks"]] == [home]
                assert placement.relay_name(node) in self.planned(home)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=4, max_size=20))
def test_everybody_has_a_place(sitting: Sitting, steps: list[tuple[Any, ...]]) -> None:
    for node in NODES:
        sitting.do("admin", "node.drain", node=node, draining=False)
    sitting.technician("point.place", point_id=sitting.points["anhoa"], site="")
    evening = Evening(sitting)
    evening.media.plans.returning.clear()  # points of the evening before
    for step in [*(("join", persona, False) for persona in PEOPLE), *steps]:
        evening.take(step)
        evening.check()
