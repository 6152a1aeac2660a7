import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import offer, sdp
from media.engine import Codec
from media.offer import Line

TRANSPORT = sdp.Transport("ours", "p" * 24, ":".join(["AB"] * 32), ())
THEIRS = sdp.Transport("their", "q" * 24, ":".join(["CD"] * 32), (("192.0.2.1", 5000), ("2001:db8::1", 5000)))
LINES = (
    Line("gv0", "video", sdp.Down(11, 12, "gv0", "c")),
    Line("ga0", "audio", sdp.Down(13, None, "ga0", "c")),
    Line("tv0", "video"),
    Line("ta0", "audio"),
)
VIDEO = (Codec("vp8", 96, 97), Codec("h264", 98, 99))
OPUS = (Codec("opus", 111),)


def answered() -> str:
    """The answer that a node writes to our offer."""
    offered = sdp.parse(offer.write(LINES, TRANSPORT, 1))
    down = [sdp.Down(21, 22, "stage", "d"), sdp.Down(23, None, "stage", "d")]
    return sdp.answer(offered, ["up", "up", *down], THEIRS, 2, 1)


def test_a_node_reads_what_a_node_offers() -> None:
    offered = sdp.parse(offer.write(LINES, TRANSPORT, 1))
    assert (offered.ufrag, offered.password, offered.fingerprint) == ("ours", "p" * 24, ("sha-256", TRANSPORT.fingerprint))
    assert [(section.mid, section.kind, section.direction) for section in offered.sections] == [
        ("gv0", "video", "sendonly"),
        ("ga0", "audio", "sendonly"),
        ("tv0", "video", "recvonly"),
        ("ta0", "audio", "recvonly"),
    ]
    assert [section.codecs for section in offered.sections] == [VIDEO, OPUS, VIDEO, OPUS]
    assert [(section.ssrc, section.repair_ssrc) for section in offered.sections[:2]] == [(11, 12), (13, None)]
    ids = offered.extensions
    assert all((ids.mid, ids.audio_level, ids.orientation, ids.abs_send_time, ids.transport_sequence))


def test_the_answer_describes_the_other_end_as_an_offer_would() -> None:
    answer = offer.read(answered())
    described = answer.description
    assert (described.ufrag, described.password, described.fingerprint) == ("their", "q" * 24, ("sha-256", THEIRS.fingerprint))
    assert [(section.mid, section.direction) for section in described.sections] == [
        ("gv0", "recvonly"),
        ("ga0", "recvonly"),
        ("tv0", "sendonly"),
        ("ta0", "sendonly"),
    ]
    assert [section.codecs for section in described.sections] == [VIDEO, OPUS, VIDEO, OPUS]
    assert [(section.ssrc, section.repair_ssrc) for section in described.sections[2:]] == [(21, 22), (23, None)]
    assert answer.candidates == (("192.0.2.1", 5000), ("2001:db8::1", 5000))


def test_whoever_wants_to_call_too_is_no_answerer() -> None:
    with pytest.raises(sdp.BadSdp):
        offer.read(answered().replace("a=setup:passive", "a=setup:active"))


@given(st.data())
def test_any_text_is_an_answer_or_bad(data: st.DataObject) -> None:
    text = answered()
    cut = data.draw(st.integers(0, len(text)))
    text = text[:cut] + data.draw(st.text(max_size=20)) + text[cut + data.draw(st.integers(0, 30)) :]
    try:
        answer = offer.read(text)
    except sdp.BadSdp:
        return
    assert all(isinstance(host, str) and 0 < port < 1 << 16 for host, port in answer.candidates)


def test_a_full_offer_and_its_answer_fit_on_the_line() -> None:
    lines = [Line(f"gv{i}", "video", sdp.Down(i + 1, 1000 + i, f"gv{i}", "c" * 20)) for i in range(offer.VIDEO)]
    lines += [Line(f"ga{i}", "audio", sdp.Down(2000 + i, None, f"ga{i}", "c" * 20)) for i in range(offer.AUDIO)]
    lines += [Line(f"tv{i}", "video") for i in range(offer.VIDEO)] + [Line(f"ta{i}", "audio") for i in range(offer.AUDIO)]
    text = offer.write(lines, TRANSPORT, 1)
    offered = sdp.parse(text)
    down = sdp.Down(1 << 31, 1 << 31, "stage", "c" * 20)
    roles: list[sdp.Role] = ["up" if section.direction == "sendonly" else down for section in offered.sections]
    answer = sdp.answer(offered, roles, THEIRS, 2, 1)
    assert len(offer.read(answer).description.sections) == len(lines)
    assert max(len(json.dumps({"sdp": text})), len(json.dumps({"sdp": answer}))) < 60_000  # the server takes 64 KB at once
