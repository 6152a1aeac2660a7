"""What Prometheus reads: true figures, bounded labels, for the token only."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from meetroom.app import create_app
from meetroom.errors import Refusal
from signaling import metrics
from signaling.sessions import Sockets
from tests.signaling.process import Process
from tests.sitting import Sitting

TOKEN = "a-token-of-prometheus"


class Page:
    def __init__(self, process: Process, token: str = TOKEN) -> None:
        self.metrics = metrics.Metrics(process.house, Sockets(process.house), process.media)
        process.sitting.door.watch = self.metrics.command
        process.sitting.door.publish = lambda stream, entries: self.metrics.published(entries)
        app = create_app(process.house)
        app.register_blueprint(metrics.blueprint(self.metrics, token))
        self.client: FlaskClient = app.test_client()

    def get(self, token: str = TOKEN) -> Any:
        return self.client.get("/metrics", headers={"Authorization": f"Bearer {token}"})

    def read(self) -> dict[str, dict[tuple[str, ...], float]]:
        """By sample: values by the values of its labels, which are sorted by name."""
        read: dict[str, dict[tuple[str, ...], float]] = {}
        for family in text_string_to_metric_families(self.get().text):
            for sample in family.samples:
                read.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
        return read


def test_figures(sitting: Sitting) -> None:
    process = Process(sitting, "a")
    page = Page(process)
    peer = process.join("s1", "tanlap")
    process.media.nodes.report("a", {"node": "a", "peers": 7, "cores": 0.5, "lag_ms": 20, "packets_in": 100, "packets_out": 4000})
    process.reported(peer, "connected", "a", loss_down_pct=2.5, rtt_ms=80, down_kbps=640, quality="stills")
    sitting.secretary("item.add", title="Khai mạc")
    for order in ({"title": ""}, {"title": "Không được"}):
        with pytest.raises(Refusal):
            sitting.hanh("item.add", **order)
    with pytest.raises(Refusal):
        sitting.hanh("no.such")
    read = page.read()
    commands = read["meetroom_commands_total"]
    assert commands["item.add", "ok"] == 1 == commands["item.add", "invalid"] == commands["item.add", "forbidden"]
    assert commands["unknown", "unknown_command"] == 1
    assert read["meetroom_command_seconds_count"][()] == sum(commands.values())
    assert read["meetroom_event_seconds_count"][()] > 0
    assert read["meetroom_node_cores"] == {("reference", "a"): 0.5}
    assert read["meetroom_node_lag_seconds"] == {("reference", "a"): 0.02}
    assert read["meetroom_node_packets_out"] == {("reference", "a"): 4000}
    here = (str(sitting.meeting), str(sitting.points["tanlap"]))
    assert read["meetroom_point_loss_down_ratio"] == {here: 0.025}
    assert read["meetroom_point_down_bits"] == {here: 640_000}
    assert read["meetroom_point_quality"] == {here: 3}
    assert read["meetroom_points"][()] == 1 == read["meetroom_peers"][()]
    before = read["meetroom_journal_revision"][()]
    sitting.secretary("item.add", title="Bế mạc")
    assert page.read()["meetroom_journal_revision"][()] > before
    process.reported(peer, "lost", "a")
    assert "meetroom_point_quality" not in page.read()


def test_only_for_the_token(sitting: Sitting) -> None:
    page = Page(Process(sitting))
    assert page.get().content_type.startswith("text/plain; version=")
    for token in ("", "wrong", "đ", TOKEN + "x"):
        assert (
            page.client.get("/metrics", headers={"Authorization": f"Bearer {token}".encode().decode("latin-1")}).status_code
            == 401
        )
    assert page.client.get("/metrics").status_code == 401
    assert Page(Process(sitting), "").get("").status_code == 404


def test_labels_are_bounded(sitting: Sitting, monkeypatch: pytest.MonkeyPatch) -> None:
    process = Process(sitting)
    page = Page(process)
    monkeypatch.setattr(metrics, "POINTS", 1)
    for persona in ("tanlap", "anhoa"):
        process.reported(process.join(persona, persona), "connected")
    for number in range(50):
        with pytest.raises(Refusal):
            sitting.hanh(f"made.up_{number}")
    read = page.read()
    assert len(read["meetroom_point_quality"]) == 1 and read["meetroom_points"][()] == 2
    assert {name for name, _ in read["meetroom_commands_total"]} == {"unknown", "point.report", "conference.report"}
