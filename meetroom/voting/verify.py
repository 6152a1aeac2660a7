"""`python -m meetroom.voting.verify FILE`: check the published board of a secret vote without any server.

It needs the standard library, `cryptography` and meetroom's own files of rules. It checks every signature, the Merkle root, that
valid and invalid ballots are those returned and no more than were issued, and counts again by the rule in the manifest. What it
cannot know is whether a valid ballot says what its voter meant: that every voter sees on their own tablet.
"""

import json
import sys
from pathlib import Path
from typing import Any

from meetroom.voting.secret import count, proof


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        say("usage: python -m meetroom.voting.verify FILE")
        return 2
    try:
        board = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        say(f"{arguments[0]}: {error}")
        return 2
    if not isinstance(board, dict):
        board = {}
    for problem in (found := count.problems(board)):
        say(f"WRONG: {problem}")
    if not found:
        report(board)
    return 1 if found else 0


def report(board: dict[str, Any]) -> None:
    manifest = json.loads(board["manifest"])
    say(f"{manifest['title']} (meeting {manifest['meeting']}, vote {manifest['vote']}, {manifest['made_at']})")
    say(f"code {proof.short_code(board['manifest'])}; the same stood on the wall and on every tablet")
    say(f"server's key {proof.sha256(bytes.fromhex(manifest['server']['key']))}")
    say(f"electors {manifest['electors']}, ballots issued {board['issued']}, given back {len(board['voided'])}")
    say(f"returned {len(board['envelopes'])}: valid {len(board['ballots'])}, invalid {len(board['invalid'])}")
    for question, result in zip(manifest["questions"], board["results"], strict=True):
        say(f"{question['title']}: {result['outcome']}; base {result['base']}, needed {result['needed']}")
        for option, votes, percent in zip(question["options"], result["counts"], result["percents"], strict=True):
            say(f"  {votes:>4}  {percent:>6} %  {option['title']}")
    say("everything holds: signatures, root, numbers, and the count")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
