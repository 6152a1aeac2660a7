"""A commune with a media node of its own, in real browser pages: seen and heard over one line, and when that node is gone."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from tests.house import House, until
from tests.server import free_port
from tests.stories.test_sitting import clone, sync

SITE = "xa-an-hoa"
# The port of the node to which the page is connected, 0 while to none.
PORT = """async () => {
  const call = window.calls.find((c) => c.connectionState === 'connected');
  const stats = [...((await call?.getStats()) ?? new Map()).values()];
  const pair = stats.find((s) => s.type === 'candidate-pair' && s.nominated);
  return stats.find((s) => s.id === pair?.remoteCandidateId)?.port ?? 0;
}"""


@contextmanager
def node_at_the_site(house: House) -> Iterator[int]:
    """Its UDP port; at the end it is killed."""
    port, log = free_port(socket.SOCK_DGRAM), house.folder / "server.log"
    before = log.read_bytes().count(b"site=" + SITE.encode())
    program = [
        sys.executable, "-m", "media", "--server", house.url, "--name", "an-hoa", "--site", SITE, "--udp-host", "127.0.0.1",
        "--udp-port", str(port), "--token-file", house.folder / "media.token", "--ca-file", house.folder / "certificates/ca.pem",
    ]  # fmt: skip
    process = subprocess.Popen(program, stdin=subprocess.DEVNULL)
    try:
        until(lambda: log.read_bytes().count(b"site=" + SITE.encode()) > before, 30, "the site's node is there")
        yield port
    finally:
        process.kill()
        process.wait()


def test_a_commune_with_a_node_of_its_own(house: House) -> None:
    secretary = house.page("thuky", "/", 1440, 900)
    meeting = clone(secretary)
    technician = house.page("kythuat", f"/m/{meeting}")
    [point] = [point["id"] for point in sync(secretary, meeting)["points"] if "An Hòa" in point["name"]]
    house.command(technician, "point.place", meeting_id=meeting, point_id=point, site=SITE)
    tanlap, anhoa = (house.page(name, f"/m/{meeting}/point", 1366, 768) for name in ("tanlap", "anhoa"))

    def both_are_seen(where: str) -> None:
        for page in (tanlap, anhoa):
            before = page.evaluate("decoded()")
            until(lambda page=page, before=before: page.evaluate("decoded()") > before + 5, 30, f"a picture, {where}")

    def connected(page: Page, port: int) -> None:
        until(lambda: page.evaluate(PORT) == port, 30, f"it is connected to port {port}")

    with node_at_the_site(house) as port:
        for page in (tanlap, anhoa):
            page.get_by_role("button", name="Vào phòng họp").click()
        connected(anhoa, port)
        both_are_seen("over the relay")
        own = tanlap.evaluate(PORT)
        assert own not in (0, port)
    connected(anhoa, own)
    both_are_seen("on the meeting's own node")
    with node_at_the_site(house) as port:
        connected(anhoa, port)
        both_are_seen("over the relay again")
    assert house.errors == []
    for page in (secretary, technician, tanlap, anhoa):
        page.context.close()
