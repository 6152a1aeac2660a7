"""What technicians watch: the last half hour of every point, and the nodes."""

import struct
import time
from collections import deque
from collections.abc import Collection, Mapping

from meetroom.conference.orders import Board, NodeView, PointHistory, PointSample
from meetroom.conference.schema import PeerReport, Quality
from signaling.nodes import Nodes
from signaling.peers import Peers

INTERVAL_S = 2.0
KEPT = 900  # samples: half an hour
SAMPLE = struct.Struct("<d4f3IB")  # 87 points of half an hour are six megabytes
QUALITIES = tuple(Quality)
RECENT_S, THINNED = 120.0, 10  # what is older is shown by every tenth sample
Key = tuple[int, int]  # meeting, point


class Boards:
    """Of all meetings with points that are, or were within the half hour, connected to this process's nodes."""

    def __init__(self, nodes: Nodes, peers: Peers) -> None:
        self.nodes, self.peers = nodes, peers
        self.latest: dict[Key, PeerReport] = {}
        self.samples: dict[Key, deque[bytes]] = {}
        self._last: dict[Key, float] = {}

    def note(self, meeting_id: int, point_id: int, report: PeerReport) -> None:
        """A node's report of a point. Between two samples only the newest counts."""
        key, now = (meeting_id, point_id), time.time()
        self.latest[key] = report
        if now - self._last.get(key, 0.0) >= INTERVAL_S * 0.75:
            self._last[key] = now
            self.samples.setdefault(key, deque(maxlen=KEPT)).append(_packed(now, report))

    def sweep(self) -> None:
        """Once a second: what is over is forgotten."""
        over = time.time() - KEPT * INTERVAL_S
        for key in [key for key, last in self._last.items() if last < over]:
            del self._last[key], self.samples[key], self.latest[key]

    def show(self, meeting_id: int, since: float, *, draining: Collection[str], of: Collection[int] | None) -> Board:
        """All points of a meeting with their samples after `since`, and all nodes with their meetings, or only those `of`
        which the viewer may know."""
        carried: dict[str, set[int]] = {}
        for peer in self.peers.by_id.values():
            if peer.node is not None and (of is None or peer.meeting_id in of):
                carried.setdefault(peer.node, set()).add(peer.meeting_id)
        points = [key for key in self.samples if key[0] == meeting_id]
        return Board(
            nodes=tuple(self._nodes(draining, carried)),
            points=tuple(
                PointHistory(point_id=key[1], report=self.latest.get(key), samples=_thinned(self.samples[key], since))
                for key in sorted(points)
            ),
        )

    def _nodes(self, draining: Collection[str], carried: Mapping[str, set[int]]) -> list[NodeView]:
        return [
            NodeView(
                node=name,
                engine=node.hello.engine,
                site=node.hello.site,
                draining=name in draining,
                meetings=tuple(sorted(carried.get(name, ()))),
                peers=node.report.peers if node.report else node.peers,
                cores=node.report.cores if node.report else 0.0,
                lag_ms=node.report.lag_ms if node.report else 0.0,
            )
            for name, node in sorted(self.nodes.by_name.items())
        ]


def _packed(at: float, report: PeerReport) -> bytes:
    kbps = (min(max(value, 0), 2**32 - 1) for value in (report.up_kbps, report.down_kbps, report.estimate_kbps))
    figures = report.loss_up_pct, report.loss_down_pct, report.jitter_up_ms, report.rtt_ms
    return SAMPLE.pack(at, *(min(max(figure, 0.0), 1e9) for figure in figures), *kbps, QUALITIES.index(report.quality))


def _thinned(samples: Collection[bytes], since: float) -> tuple[PointSample, ...]:
    recent = time.time() - RECENT_S
    shown = []
    for packed in samples:
        at = struct.unpack_from("<d", packed)[0]
        if at > since and (at >= recent or int(at / INTERVAL_S) % THINNED == 0):
            shown.append(_sample(packed))
    return tuple(shown)


def _sample(packed: bytes) -> PointSample:
    at, loss_up, loss_down, jitter_up, rtt, up, down, estimate, quality = SAMPLE.unpack(packed)
    return PointSample.model_construct(
        at=round(at, 3),
        loss_up_pct=round(loss_up, 2),
        loss_down_pct=round(loss_down, 2),
        jitter_up_ms=round(jitter_up, 1),
        rtt_ms=round(rtt, 1),
        up_kbps=up,
        down_kbps=down,
        estimate_kbps=estimate,
        quality=QUALITIES[quality],
    )
