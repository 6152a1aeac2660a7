"""Media nodes that dialled in."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import structlog

from meetroom.conference.schema import NodeHello, NodeReport
from meetroom.errors import Refusal
from signaling.placement import Place

log = structlog.get_logger()
ANSWER_S = 8.0  # a node that does not answer by then is taken for gone


@dataclass
class Node:
    sid: str
    hello: NodeHello
    report: NodeReport | None = None
    peers: int = 0  # connections whose place is here, by our own count


class Nodes:
    """By name; a name that says hello again is the same node on a new line. `call(sid, event, data, timeout)` asks a node
    and waits for its answer; `tell(sid, event, data)` does not wait."""

    def __init__(self, call: Callable[[str, str, Any, float], Any], tell: Callable[[str, str, Any], None]) -> None:
        self._call, self._tell = call, tell
        self.by_name: dict[str, Node] = {}

    def hello(self, sid: str, data: Any) -> Node:
        hello = NodeHello.model_validate(data)
        node = self.by_name[hello.node] = Node(sid, hello)
        log.info("media node connected", node=hello.node, engine=hello.engine, site=hello.site)
        return node

    def gone(self, sid: str) -> Node | None:
        """The node whose line this was; none when it is here again already on another."""
        node = self.by_sid(sid)
        if node is not None:
            del self.by_name[node.hello.node]
            log.warning("media node gone", node=node.hello.node)
        return node

    def by_sid(self, sid: str) -> Node | None:
        return next((node for node in self.by_name.values() if node.sid == sid), None)

    def report(self, sid: str, data: Any) -> None:
        report, node = NodeReport.model_validate(data), self.by_sid(sid)
        if node is not None:
            node.report = report

    def tell(self, name: str, event: str, data: Any) -> None:
        """Nothing happens when it is away: it is told everything when it comes."""
        if name in self.by_name:
            self._tell(self.by_name[name].sid, event, data)

    def ask(self, name: str | None, event: str, data: Any) -> dict[str, Any]:
        """A node's answer. Raises Refusal `no_node`, or what the node refuses with: `not_planned`, else `bad_sdp`."""
        node = self.by_name.get(name or "")
        if node is None:
            raise Refusal("no_node")
        try:
            answer = self._call(node.sid, event, data, ANSWER_S)
        except TimeoutError:
            raise Refusal("no_node") from None
        if not isinstance(answer, dict) or not answer.get("ok"):
            error = answer.get("error", {}) if isinstance(answer, dict) else {}
            raise Refusal("not_planned" if error.get("code") == "not_planned" else "bad_sdp")
        result: dict[str, Any] = answer["result"]
        return result

    def places(self, draining: Collection[str]) -> list[Place]:
        return [
            Place(
                name=name,
                site=node.hello.site,
                records=node.hello.records,
                draining=name in draining,
                cores=node.report.cores if node.report else 0.0,
                peers=node.peers,
            )
            for name, node in self.by_name.items()
        ]

    def recorders(self) -> set[str]:
        return {name for name, node in self.by_name.items() if node.hello.records}
