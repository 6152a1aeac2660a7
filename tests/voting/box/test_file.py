import random
from pathlib import Path

from meetroom.voting.box.file import BallotFile

COUNTERS = (range(24, 28), range(92, 96), range(40, 44))  # of SQLite's header: change counter, valid-for, schema cookie


def ballots(count: int) -> dict[bytes, bytes]:
    chance = random.Random(7)
    return {chance.randbytes(32): chance.randbytes(1300) for _ in range(count)}


def content(path: Path) -> bytes:
    """The file without the counters of how often it was written."""
    raw = bytearray(path.read_bytes())
    for span in COUNTERS:
        for place in span:
            raw[place] = 0
    return bytes(raw)


def fill(path: Path, slots: list[tuple[bytes, bytes]], batch: int) -> BallotFile:
    file = BallotFile(path)
    file.write(about={"manifest": "m", "phase": "open"})
    for n in range(0, len(slots), batch):
        file.write(slots=dict(slots[n : n + batch]))
    return file


def test_the_file_does_not_depend_on_the_order_in_which_ballots_came(tmp_path: Path) -> None:
    slots = list(ballots(120).items())
    shuffled = random.Random(3).sample(slots, len(slots))
    one, other = fill(tmp_path / "a", slots, 7), fill(tmp_path / "b", shuffled, 3)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert one.slots() == other.slots() == dict(slots)


def test_an_envelope_that_was_replaced_or_given_back_is_nowhere_in_the_files(tmp_path: Path) -> None:
    slots = list(ballots(40).items())
    file = fill(tmp_path / "a", slots, 5)
    (changed, old), (spoiled, back) = slots[3], slots[9]
    file.write(slots={changed: b"\1" * 1300})
    file.write(void=[spoiled])
    everything = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert [path.name for path in tmp_path.iterdir()] == ["a"]  # no journal is left
    for start in range(0, 1300 - 64, 64):
        assert old[start : start + 64] not in everything and back[start : start + 64] not in everything
    assert spoiled not in file.slots() and file.voided() == {spoiled}


def test_after_the_closing_no_slot_is_left(tmp_path: Path) -> None:
    slots = ballots(40)
    file = fill(tmp_path / "a", list(slots.items()), 5)
    file.close_vote({envelope[:32]: envelope for envelope in slots.values()}, {"phase": "closed"})
    everything = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not any(slot in everything for slot in slots)
    assert file.envelopes() == sorted(slots.values()) and file.slots() == {}
