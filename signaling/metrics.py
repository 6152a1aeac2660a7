"""Figures of the web process for Prometheus, at /metrics for whoever shows the token of the settings.

Labels are bounded: names of commands and refusals are the house's own words, and of points and nodes only those that are
connected count.
"""

import hmac
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from meetroom.conference.schema import PeerReport, Quality
from meetroom.door import COMMANDS
from meetroom.errors import Refusal
from meetroom.http import House
from meetroom.journal import Entry, Stream
from signaling.media_nodes import MediaNodes
from signaling.nodes import Node
from signaling.sessions import Sockets

TEXT = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
POINTS = 1000  # more are counted and not listed
QUALITIES = tuple(Quality)

NODE_FIGURES: tuple[tuple[str, str, Callable[[Node], float]], ...] = (
    ("up", "Connected media nodes", lambda node: 1.0),
    ("peers", "Connections a media node carries", lambda node: node.report.peers if node.report else node.peers),
    ("cores", "CPU seconds per second of a media node", lambda node: node.report.cores if node.report else 0.0),
    ("lag_seconds", "Worst delay of its event loop", lambda node: node.report.lag_ms / 1000 if node.report else 0.0),
    ("packets_in", "Packets per second it receives", lambda node: node.report.packets_in if node.report else 0.0),
    ("packets_out", "Packets per second it sends", lambda node: node.report.packets_out if node.report else 0.0),
)
POINT_FIGURES: tuple[tuple[str, str, Callable[[PeerReport], float]], ...] = (
    ("loss_up_ratio", "Share of packets lost on the way from a point", lambda report: report.loss_up_pct / 100),
    ("loss_down_ratio", "Share of packets lost on the way to a point", lambda report: report.loss_down_pct / 100),
    ("jitter_seconds", "Jitter of what comes from a point", lambda report: report.jitter_up_ms / 1000),
    ("rtt_seconds", "There and back", lambda report: report.rtt_ms / 1000),
    ("up_bits", "Bits per second from a point", lambda report: report.up_kbps * 1000),
    ("down_bits", "Bits per second to a point", lambda report: report.down_kbps * 1000),
    ("quality", "Step of a point's quality: 0 the highest", lambda report: QUALITIES.index(report.quality)),
)


class Metrics:
    """What is counted when it happens; what can be asked at any time is asked when Prometheus comes."""

    def __init__(self, house: House, sockets: Sockets, media: MediaNodes) -> None:
        self.registry = CollectorRegistry()
        self.commands = Counter(
            "meetroom_commands", "Commands by name and outcome: ok, or the code of the refusal", ("command", "outcome"),
            registry=self.registry,
        )  # fmt: skip
        self.command_seconds = Histogram(
            "meetroom_command_seconds", "From a command's arrival to its answer, which is on disk", buckets=SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self.event_seconds = Histogram(
            "meetroom_event_seconds", "From a command's moment to its events going out to the sockets", buckets=SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self.registry.register(_Now(house, sockets, media))

    def command(self, name: str, seconds: float, outcome: str) -> None:
        self.commands.labels(name if name in COMMANDS else "unknown", outcome).inc()
        self.command_seconds.observe(seconds)

    def published(self, entries: list[Entry]) -> None:
        for entry in entries:
            self.event_seconds.observe(max(0.0, (datetime.now(UTC) - entry.at).total_seconds()))


class _Now(Collector):
    """What is so at the moment."""

    def __init__(self, house: House, sockets: Sockets, media: MediaNodes) -> None:
        self.house, self.sockets, self.media = house, sockets, media
        self.started = time.time()

    def collect(self) -> Iterator[Metric]:
        yield _gauge("meetroom_start_time_seconds", "When this process started, seconds since 1970", self.started)
        yield _gauge("meetroom_sockets", "Connected browsers", len(self.sockets.by_sid))
        yield _gauge("meetroom_peers", "Places in the media of meetings", len(self.media.peers.by_id))
        with self.house.store.read() as session:
            revision = session.scalar(select(func.sum(Stream.revision)))
        yield _gauge("meetroom_journal_revision", "Entries of all journals together", float(revision or 0))
        yield from self._nodes()
        yield from self._points()

    def _nodes(self) -> Iterator[Metric]:
        nodes = sorted(self.media.nodes.by_name.items())
        for name, help, of in NODE_FIGURES:
            yield _gauges(f"meetroom_node_{name}", help, ("node", "engine"), (
                ((node_name, node.hello.engine), of(node)) for node_name, node in nodes
            ))  # fmt: skip

    def _points(self) -> Iterator[Metric]:
        connected = [
            (key, self.media.boards.latest[key])
            for key, told in sorted(self.media.links.now.items())
            if told.link in ("good", "weak") and key in self.media.boards.latest
        ]
        yield _gauge("meetroom_points", "Connected conference points", len(connected))
        for name, help, of in POINT_FIGURES:
            yield _gauges(f"meetroom_point_{name}", help, ("meeting", "point"), (
                ((str(meeting), str(point)), of(report)) for (meeting, point), report in connected[:POINTS]
            ))  # fmt: skip


def _gauge(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help, value=value)


def _gauges(name: str, help: str, labels: tuple[str, ...], rows: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    family = GaugeMetricFamily(name, help, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family


def blueprint(metrics: Metrics, token: str) -> Blueprint:
    """`token`: what Prometheus shows (`authorization` of its scrape configuration); empty: there is no such page."""
    routes = Blueprint("metrics", __name__)

    @routes.get("/metrics")
    def show() -> Response:
        if not token:
            raise Refusal("not_found")
        shown = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(shown, f"Bearer {token}".encode()):
            raise Refusal("bad_token")
        return Response(generate_latest(metrics.registry), content_type=TEXT)

    return routes
