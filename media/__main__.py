"""A media node: `python -m media`. The server's supervisor passes the flags; a node elsewhere takes them from a unit
file. Every flag may also come from the environment as MEETROOM_MEDIA_<FLAG>."""

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
from pathlib import Path

from media.dtls import Identity
from media.engine import choice
from media.ice import IceLite
from media.link import Link
from media.node import Node
from media.peer import Ground
from meetroom.conference.schema import NodeHello


def _flags() -> argparse.Namespace:
    def given(name: str, default: str | None = None) -> str | None:
        return os.environ.get(f"MEETROOM_MEDIA_{name}", default)

    parser = argparse.ArgumentParser(prog="python -m media", description="meetroom media node")
    parser.add_argument("--server", default=given("SERVER"), required=given("SERVER") is None, help="https://HOST:PORT")
    parser.add_argument("--token-file", type=Path, default=given("TOKEN_FILE"), required=given("TOKEN_FILE") is None)
    parser.add_argument("--ca-file", type=Path, default=given("CA_FILE"), help="authority of the server's certificate")
    parser.add_argument("--udp-host", default=given("UDP_HOST", "0.0.0.0"), help="address to listen on")
    parser.add_argument("--udp-port", type=int, default=given("UDP_PORT", "40000"))
    parser.add_argument(
        "--engine", default=given("ENGINE"), choices=("native", "reference"), help="packet engine (default: native if built)"
    )
    parser.add_argument("--recordings", type=Path, default=given("RECORDINGS"), help="the server's folder of recordings")
    parser.add_argument("--name", default=given("NAME", socket.gethostname()), help="this node's name in the server's lists")
    parser.add_argument("--spare", action="store_true", help="begin only when a line comes on standard input")
    parser.add_argument("--site", default=given("SITE", ""), help="the site this node stands at and serves (default: none)")
    parser.add_argument(
        "--announce",
        action="extend",
        nargs="+",
        metavar="IP",
        help="addresses at which browsers reach this node (default: --udp-host)",
    )
    flags = parser.parse_args()
    flags.announce = flags.announce or (given("ANNOUNCE") or flags.udp_host).split()
    return flags


async def _serve(flags: argparse.Namespace) -> None:
    engine = choice.open(flags.udp_host, flags.udp_port, flags.engine)
    addresses = tuple(flags.announce)
    hello = NodeHello(
        node=flags.name,
        engine=engine.name,
        addresses=addresses,
        port=engine.port,
        site=flags.site,
        records=flags.recordings is not None,
    )
    link = Link(flags.server, flags.token_file, flags.ca_file, hello)
    node = Node(Ground(engine, IceLite(), Identity(), addresses), link, flags.recordings)
    loop, running = asyncio.get_running_loop(), asyncio.current_task()
    assert running is not None
    for stop in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(stop, running.cancel)
    gc.freeze()  # what is loaded stays: nobody waits while garbage is looked for in it
    with contextlib.suppress(asyncio.CancelledError):
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(link.run(node))
            tasks.create_task(node.run())
    logging.info("stopped")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    given = _flags()
    if not given.spare or sys.stdin.readline():
        asyncio.run(_serve(given))
