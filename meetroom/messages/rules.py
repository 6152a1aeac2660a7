"""Pure rules of messages: what becomes of a note, a call for service and a written opinion."""

from meetroom.errors import Refusal

# A note is read, an opinion is taken to the record; a call is taken by somebody and done. What the desk has done by mistake it
# takes back.
NEXT: dict[str, dict[str, frozenset[str]]] = {
    "note": {"open": frozenset({"done"})},
    "opinion": {"open": frozenset({"done"}), "done": frozenset({"open"})},
    "call": {
        "open": frozenset({"taken", "done", "withdrawn"}),
        "taken": frozenset({"open", "done", "withdrawn"}),
        "done": frozenset({"open", "taken"}),
    },
}
RUNNING = frozenset({"open", "taken"})


def move(kind: str, state: str, to: str) -> str:
    """The state after. Raises Refusal `wrong_state`."""
    if to not in NEXT[kind].get(state, frozenset()):
        raise Refusal("wrong_state", {"state": state})
    return to
