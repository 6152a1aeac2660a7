import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import sdp
from media.engine import Codec, Extensions

CHROMIUM = (Path(__file__).parent / "offers/chromium.sdp").read_bytes().decode()
FINGERPRINT = ":".join(["AB"] * 32)
SESSION = (
    "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
    f"a=fingerprint:SHA-256 {FINGERPRINT.lower()}\r\na=ice-ufrag:abcd\r\na=ice-pwd:{'p' * 24}\r\n"
)
TRANSPORT = sdp.Transport("ours", "secret", "CD:EF", (("10.0.0.1", 40000), ("10.0.0.2", 40000)))


def offer(*sections: str) -> str:
    return SESSION + "".join(sections)


def section(mid: str, kind: str = "video", direction: str = "recvonly", *attributes: str, port: int = 9) -> str:
    codecs = {
        "audio": ["a=rtpmap:111 opus/48000/2", "a=rtcp-fb:111 transport-cc"],
        "video": ["a=rtpmap:96 VP8/90000", "a=rtcp-fb:* nack", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96"],
        "application": [],
    }
    formats = {"audio": "111", "video": "96 97", "application": "webrtc-datachannel"}
    lines = [f"m={kind} {port} UDP/TLS/RTP/SAVPF {formats[kind]}", f"a=mid:{mid}", f"a={direction}", *codecs[kind], *attributes]
    return "\r\n".join(lines) + "\r\n"


def test_a_real_offer_of_chromium() -> None:
    read = sdp.parse(CHROMIUM)
    assert (read.ufrag, read.password) == ("WEpP", "TNdafrR8XJyoHTVEduK7spxZ")
    assert read.fingerprint[0] == "sha-256"
    mic, camera, screen, *slots = read.sections
    assert mic.codecs == (Codec("opus", 111),)
    assert camera.codecs == (Codec("vp8", 96, 97), Codec("h264", 108, 109))
    assert camera.rids == ("f", "h", "q")
    assert (camera.ssrc, camera.repair_ssrc) == (None, None)
    assert (screen.rids, screen.ssrc, screen.repair_ssrc) == ((), 2142388584, 2534412464)
    assert [(slot.mid, slot.kind, slot.direction) for slot in slots] == [
        (mid, kind, "recvonly") for mid, kind in (("3", "video"), ("4", "video"), ("5", "audio"), ("6", "audio"))
    ]
    assert read.extensions == Extensions(
        mid=4, rid=10, repaired_rid=11, audio_level=1, orientation=13, abs_send_time=2, transport_sequence=3
    )


def test_session_attributes_hold_for_sections_without_their_own() -> None:
    read = sdp.parse(offer(section("a")))
    assert read.fingerprint == ("sha-256", FINGERPRINT)
    own = sdp.parse(offer(section("a", "video", "recvonly", "a=ice-ufrag:own1", "a=ice-pwd:" + "q" * 24)))
    assert (own.ufrag, own.password) == ("own1", "q" * 24)


def test_the_transport_is_that_of_the_first_section_not_stopped() -> None:
    stopped = section("a", "video", "inactive", "a=ice-ufrag:gone", port=0)
    read = sdp.parse(offer(stopped, section("b", "video", "recvonly", "a=ice-ufrag:here")))
    assert [s.stopped for s in read.sections] == [True, False]
    assert read.ufrag == "here"
    assert not sdp.parse(offer(section("a", "video", "recvonly", "a=bundle-only", port=0))).sections[0].stopped


@pytest.mark.parametrize(
    ("attributes", "rids"),
    [
        (["a=rid:h send", "a=rid:q send", "a=simulcast:send h;q"], ("h", "q")),
        (["a=rid:h send", "a=rid:q send", "a=simulcast:send ~q,h;h recv f"], ("q", "h")),
        (["a=rid:h send", "a=simulcast:send h;f"], ("h",)),  # f was never announced
        (["a=rid:h recv", "a=simulcast:recv h"], ()),
        (["a=rid:big send", "a=rid:small send", "a=simulcast:send big;small"], ()),  # not our layers
        (["a=rid:h send", "a=simulcast:send"], ()),
        ([], ()),
    ],
)
def test_simulcast(attributes: list[str], rids: tuple[str, ...]) -> None:
    assert sdp.parse(offer(section("a", "video", "sendonly", *attributes))).sections[0].rids == rids


def test_ssrcs_are_taken_only_where_it_is_clear_whose_they_are() -> None:
    named = ["a=ssrc:7 cname:x", "a=ssrc:8 cname:x", "a=ssrc-group:FID 8 7"]
    plain = sdp.parse(offer(section("a", "video", "sendonly", *named))).sections[0]
    assert (plain.ssrc, plain.repair_ssrc) == (8, 7)
    layers = sdp.parse(offer(section("a", "video", "sendonly", *named, "a=rid:h send", "a=simulcast:send h"))).sections[0]
    assert (layers.ssrc, layers.repair_ssrc) == (None, None)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["packetization-mode=0;profile-level-id=42e01f", "packetization-mode=1;profile-level-id=640c1f"], None),
        (["level-asymmetry-allowed=1; packetization-mode=1; profile-level-id=42E01F"], 100),
        (["packetization-mode=1;profile-level-id=42001f", "packetization-mode=1;profile-level-id=42e01f"], 101),
        (["packetization-mode=1;profile-level-id=4d001f", "packetization-mode=1;profile-level-id=42c015"], 101),
        (["packetization-mode=1"], 100),  # baseline by default (RFC 6184, 8.1)
        (["profile-level-id=42e01f"], None),
    ],
)
def test_only_h264_that_everyone_decodes(offered: list[str], chosen: int | None) -> None:
    numbers = range(100, 100 + len(offered))
    lines = [f"m=video 9 UDP/TLS/RTP/SAVPF {' '.join(map(str, numbers))}", "a=mid:v"]
    lines += [f"a=rtpmap:{n} H264/90000\na=fmtp:{n} {p}" for n, p in zip(numbers, offered, strict=True)]
    codecs = sdp.parse(offer("\n".join(lines) + "\n")).sections[0].codecs
    assert codecs == (() if chosen is None else (Codec("h264", chosen),))


def test_vp8_comes_first() -> None:
    lines = "m=video 9 UDP/TLS/RTP/SAVPF 100 96\na=mid:v\na=rtpmap:100 H264/90000\na=fmtp:100 packetization-mode=1\n"
    assert [c.name for c in sdp.parse(offer(lines + "a=rtpmap:96 VP8/90000\n")).sections[0].codecs] == ["vp8", "h264"]


def test_one_transport_for_all_sections() -> None:
    """Several are bundled if the offer allows it; otherwise nothing but a refusal would be true."""
    sections = [section(mid, "video", "sendonly", f"a=ice-ufrag:{mid}own", "a=ice-pwd:" + "p" * 24) for mid in "abc"]
    with pytest.raises(sdp.BadSdp, match="BUNDLE"):
        sdp.parse(offer(*sections[:2]))
    group = "a=group:BUNDLE a b\r\n"
    bundled = sdp.parse(SESSION + group + sections[0] + sections[1])
    assert bundled.bundled and bundled.ufrag == "aown"
    with pytest.raises(sdp.BadSdp, match="BUNDLE"):
        sdp.parse(SESSION + group + "".join(sections))
    one = sdp.parse(offer(sections[0]))
    assert "BUNDLE" not in sdp.answer(one, ["up"], TRANSPORT, 1, 1)
    assert "a=group:BUNDLE a b\r\n" in sdp.answer(bundled, ["up", "up"], TRANSPORT, 1, 1)


def test_extension_ids_that_do_not_fit_one_byte_are_not_used() -> None:
    read = sdp.parse(offer(section("a", "video", "recvonly", f"a=extmap:15 {sdp.rtp.MID}", f"a=extmap:3/recvonly {sdp.rtp.RID}")))
    assert read.extensions == Extensions(rid=3)


BAD = {
    "nothing": "",
    "no section": SESSION,
    "too many sections": offer(*(section(f"m{i}") for i in range(65))),
    "no mid": offer(section("a").replace("a=mid:a\r\n", "")),
    "a mid too long": offer(section("a" * 17)),
    "a mid with a line break": offer(section("a\x0bb")),
    "two of one mid": offer(section("a"), section("a")),
    "no fingerprint": offer(section("a")).replace("a=fingerprint", "a=finger"),
    "a broken fingerprint": offer(section("a")).replace("ab:ab", "ab:xy"),
    "no credentials": offer(section("a")).replace("a=ice-pwd", "a=pwd"),
    "credentials with spaces": offer(section("a")).replace("abcd", "ab cd"),
    "a passive browser": offer(section("a", "video", "recvonly", "a=setup:passive")),
    "an m-line cut short": SESSION + "m=video 9\r\n",
    "a port that is no number": offer(section("a")).replace("m=video 9", "m=video x"),
    "a payload type that is RTCP": offer(section("a")).replace("96", "72"),
    "a payload type of nine bits": offer(section("a")).replace("96", "496"),
    "an rtpmap of nothing": offer(section("a", "video", "recvonly", "a=rtpmap:")),
    "an extmap of nothing": offer(section("a", "video", "recvonly", "a=extmap:")),
    "an ssrc too large": offer(section("a", "video", "sendonly", "a=ssrc:4294967296 cname:x")),
    "an ssrc group of words": offer(section("a", "video", "sendonly", "a=ssrc-group:FID a b")),
    "digits of another script": offer(section("a")).replace("m=video 9", "m=vidéo 9"),
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_bad_offers(text: str) -> None:
    with pytest.raises(sdp.BadSdp):
        sdp.parse(text)


LINES = CHROMIUM.split("\r\n")
CHANGES = st.lists(
    st.tuples(
        st.integers(0, len(LINES) - 1),
        st.none() | st.sampled_from(LINES) | st.text(max_size=30) | st.integers(0, 40),
    ),
    max_size=8,
)


@given(CHANGES)
def test_any_text_is_read_or_refused(changes: list[tuple[int, None | str | int]]) -> None:
    """A real offer with lines left out, replaced, added and cut."""
    lines = list(LINES)
    for at, change in changes:
        at %= max(1, len(lines))
        if change is None:
            del lines[at : at + 1]
        elif isinstance(change, int):
            lines[at : at + 1] = [line[:change] for line in lines[at : at + 1]]
        else:
            lines[at : at + at % 2] = [change]
    with suppress(sdp.BadSdp):
        read = sdp.parse("\r\n".join(lines))
        check_answer(sdp.answer(read, ["up"] * len(read.sections), TRANSPORT, 1, 1))


def check_answer(answer: str) -> None:
    assert answer.endswith("\r\n")
    for line in answer.removesuffix("\r\n").split("\r\n"):
        assert re.fullmatch(r"[a-z]=[^\r\n]*", line)


def sections_of(answer: str) -> dict[str, list[str]]:
    """Lines by mid."""
    parts = [part.split("\r\n") for part in re.split(r"(?m)^(?=m=)", answer)[1:]]
    return {next(line for line in part if line.startswith("a=mid:"))[6:]: part for part in parts}


def test_the_answer_to_chromium() -> None:
    read = sdp.parse(CHROMIUM)
    slots = [
        sdp.Down(1000 + i, 2000 + i if s.kind == "video" else None, f"slot{s.mid}", "cn") for i, s in enumerate(read.sections)
    ]
    answer = sdp.answer(read, ["up", "up", "inactive", *slots[3:]], TRANSPORT, 77, 3)
    check_answer(answer)
    assert answer.startswith("v=0\r\no=- 77 3 IN IP4 127.0.0.1\r\n")
    assert "\r\na=ice-lite\r\n" in answer
    assert "\r\na=group:BUNDLE 0 1 2 3 4 5 6\r\n" in answer
    by_mid = sections_of(answer)
    assert list(by_mid) == ["0", "1", "2", "3", "4", "5", "6"]
    for lines in by_mid.values():
        assert {"a=rtcp-mux", "a=rtcp-rsize", "a=ice-ufrag:ours", "a=ice-pwd:secret", "a=setup:passive"} < set(lines)
        assert "a=candidate:2 1 udp 2130706430 10.0.0.2 40000 typ host" in lines
    assert {"a=recvonly", "a=rtcp-fb:111 transport-cc", f"a=fmtp:111 {sdp.OPUS}"} < set(by_mid["0"])
    assert {"a=recvonly", "a=rid:f recv", "a=simulcast:recv f;h;q", "a=rtcp-fb:96 transport-cc"} < set(by_mid["1"])
    assert "a=rtcp-fb:96 goog-remb" not in by_mid["1"]
    assert "a=inactive" in by_mid["2"]
    down = set(by_mid["3"])
    assert {"a=sendonly", "a=msid:slot3 video3", "a=ssrc-group:FID 1003 2003", "a=ssrc:1003 cname:cn"} < down
    assert {"a=rtcp-fb:96 transport-cc", f"a=extmap:3 {sdp.rtp.TRANSPORT_SEQUENCE}"} < down
    assert not any("goog-remb" in line or "rid" in line for line in down)
    assert not any("ssrc-group" in line for line in by_mid["5"])


@pytest.mark.parametrize("missing", [f"a=extmap:3 {sdp.rtp.TRANSPORT_SEQUENCE}", "a=rtcp-fb:96 transport-cc"])
def test_a_receiver_without_transport_feedback_estimates_by_itself(missing: str) -> None:
    read = sdp.parse(CHROMIUM.replace(missing + "\r\n", ""))
    answer = sdp.answer(read, [sdp.Down(1, 2, "s", "c")] * len(read.sections), TRANSPORT, 1, 1)
    down = sections_of(answer)["3"]
    assert "a=rtcp-fb:96 goog-remb" in down
    assert not any("transport-cc" in line or "transport-wide-cc" in line for line in down)
    assert not read.sections[3].transport


def test_a_rejected_section_leaves_the_bundle() -> None:
    read = sdp.parse(SESSION + "a=group:BUNDLE a data\r\n" + section("a") + section("data", "application", "sendrecv"))
    answer = sdp.answer(read, [sdp.Down(1, None, "s", "c"), "rejected"], TRANSPORT, 1, 1)
    assert "a=group:BUNDLE a\r\n" in answer
    assert sections_of(answer)["data"][0] == "m=application 0 UDP/TLS/RTP/SAVPF webrtc-datachannel"
