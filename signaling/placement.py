"""Which media node carries what. Pure: from the nodes that are there, the meeting and its people to a plan for each node.

A meeting has one node of its own. Points with a site go to the node that stands there while it is connected, so that
their pictures cross the long line once and not once per screen: that node calls the meeting's own one (a relay), and each
end sends the other every source that is wanted there, in the highest layer that is wanted.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from meetroom.conference.schema import Kind, Layer, PeerPlan, Plan, Uplink, Want

LAYERS = tuple(Layer)  # lowest first
RELAY = "relay-"


@dataclass(frozen=True)
class Place:
    """A node as a place for meetings. `peers`: how many connections it carries by our own count; `cores`: what it said."""

    name: str
    site: str = ""
    records: bool = False
    draining: bool = False
    cores: float = 0.0
    peers: int = 0


def home(places: Sequence[Place], current: str | None, *, recorded: bool) -> str | None:
    """The meeting's own node: the one it has while that is fit, else the least loaded that is, else the least bad.

    Fit is a node that isn't being emptied, and, for a meeting that is recorded, one with the server's folder. Nodes of a
    site serve other meetings only when there is nothing else.
    """

    def unfitness(place: Place) -> tuple[bool, bool, bool]:
        return place.draining, bool(place.site), recorded and not place.records

    if not places:
        return None
    best = min(unfitness(place) for place in places)
    fit = [place for place in places if unfitness(place) == best]
    if any(place.name == current for place in fit):
        return current
    return min(fit, key=lambda place: (round(place.cores, 1), place.peers, place.name)).name


def at_site(places: Iterable[Place], site: str) -> str | None:
    """The node for the points of a site; none: they go to the meeting's own."""
    there = [place for place in places if site and place.site == site and not place.draining]
    return min(there, key=lambda place: place.name).name if there else None


def relay_name(node: str) -> str:
    """The peer as which a node is connected to a meeting's own one."""
    name = RELAY + node
    if re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", name):
        return name
    return RELAY + hashlib.sha256(node.encode()).hexdigest()[:16]


def split(
    plan: Plan, node_of: Mapping[str, str], own: str, *, leaving: Mapping[str, str], voices: Collection[str] = ()
) -> dict[str, Plan]:
    """The plan of each node. `node_of`: where each peer's place is, `own`: the meeting's own node, `leaving`: where those
    peers still are that are on their way, `voices`: who spoke last. Where the loudest voice takes the stage, which only a
    node knows, the pictures of those are at hand everywhere."""
    placed = {peer.peer: peer for peer in plan.peers}
    peers: dict[str, list[PeerPlan]] = {own: []}
    for name, node in node_of.items():
        peers.setdefault(node, []).append(placed[name])
    far = [node for node in peers if node != own]
    heard = [Want(peer=name, layer=Layer.HIGH) for name in voices if plan.follow_voice and name in placed and placed[name].heard]
    needs = {node: _needs(peers[node], heard) for node in peers}
    if plan.record is not None:
        needs[own] = _highest([needs[own], _needed([plan.record.stage] if plan.record.stage else heard)])
    here = {node: {peer.peer for peer in peers[node]} for node in peers}
    links: dict[str, list[PeerPlan]] = {node: [] for node in peers}
    for node in far:
        name = relay_name(node)
        # What another far node needs from this one passes through the meeting's own.
        elsewhere = _highest(needs[other] for other in peers if other != node)
        up = {source: layer for source, layer in elsewhere.items() if source[0] in here[node]}
        down = {source: layer for source, layer in needs[node].items() if source[0] not in here[node]}
        links[node].append(PeerPlan(peer=name, relay=_wants(up)))
        links[own].append(PeerPlan(peer=name, relay=_wants(down)))
    for name, node in leaving.items():
        if name in placed and node_of.get(name) != node:
            peers.setdefault(node, []).append(placed[name])
            links.setdefault(node, [])
    return {
        node: plan.model_copy(
            update={
                "peers": (*peers[node], *links[node]),
                "record": plan.record if node == own else None,
                "uplinks": (Uplink(node=own, peer=relay_name(node)),) if node in far else (),
            }
        )
        for node in peers
    }


Source = tuple[str, Kind]


def _needs(peers: Iterable[PeerPlan], heard: Iterable[Want]) -> dict[Source, Layer]:
    """What these peers are to see, or may at any time because somebody is heard."""
    peers = list(peers)
    wants = [want for peer in peers for want in (*((peer.stage,) if peer.stage else ()), *peer.gallery)]
    return _needed([*wants, *heard] if any(peer.stage for peer in peers) else wants)


def _needed(wants: Iterable[Want]) -> dict[Source, Layer]:
    return _highest([{(want.peer, Kind(want.kind)): want.layer} for want in wants])


def _highest(needs: Iterable[Mapping[Source, Layer]]) -> dict[Source, Layer]:
    highest: dict[Source, Layer] = {}
    for need in needs:
        for source, layer in need.items():
            highest[source] = max(layer, highest.get(source, layer), key=LAYERS.index)
    return highest


def _wants(needs: Mapping[Source, Layer]) -> tuple[Want, ...]:
    return tuple(Want(peer=peer, kind=kind, layer=layer) for (peer, kind), layer in sorted(needs.items()))
