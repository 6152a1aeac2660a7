"""An encoder (WHIP) or a player (WHEP) made of GStreamer's webrtcbin. Runs by itself under the system's Python, which
has its bindings: `python3 tests/peers/gst.py whip|whep URL vp8|h264 SECONDS`. Prints one line of JSON at its end."""

import json
import sys
import time
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

SEND = {
    "vp8": "vp8enc deadline=1 cpu-used=8 target-bitrate=600000 error-resilient=default keyframe-max-dist=3000"
    " ! rtpvp8pay pt=96 picture-id-mode=15-bit",
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast bitrate=600 key-int-max=3000"
    " ! video/x-h264,profile=constrained-baseline ! rtph264pay pt=96 config-interval=-1 aggregate-mode=zero-latency",
}
CAPS = {
    "vp8": "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000,rtcp-fb-nack=true,rtcp-fb-nack-pli=true",
    "h264": "application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000,packetization-mode=(string)1,"
    "profile-level-id=(string)42e01f,rtcp-fb-nack=true,rtcp-fb-nack-pli=true",
}
OPUS = "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000,encoding-params=(string)2"


class Peer:
    def __init__(self, role: str, url: str, codec: str, seconds: float) -> None:
        self.url, self.seconds = url, seconds
        self.frames = {"video": 0, "audio": 0}
        self.state, self.size = "", ""
        self.first_at = 0.0
        self.began_at = time.monotonic()
        if role == "whip":
            self.pipeline = Gst.parse_launch(
                "webrtcbin name=w bundle-policy=max-bundle"
                " videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=15/1 ! queue"
                f" ! {SEND[codec]} ! {CAPS[codec].partition(',rtcp')[0].partition(',packetization')[0]} ! w."
                " audiotestsrc is-live=true freq=600 volume=0.3 ! audioconvert ! audioresample ! opusenc ! rtpopuspay pt=97"
                f" ! {OPUS.partition(',encoding-params')[0]} ! w."
            )
            self.bin = self.pipeline.get_by_name("w")
            index = 0
            while (transceiver := self.bin.emit("get-transceiver", index)) is not None:
                transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
                transceiver.set_property("do-nack", True)
                index += 1
        else:
            self.pipeline, self.bin = Gst.Pipeline.new(), Gst.ElementFactory.make("webrtcbin")
            self.bin.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
            self.pipeline.add(self.bin)
            for caps in (CAPS[codec], OPUS):
                self.bin.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(caps))
            self.bin.connect("pad-added", self.received)
        self.role = role
        self.bin.connect("notify::connection-state", self.changed)
        self.bin.connect("notify::ice-gathering-state", self.gathered)
        self.loop = GLib.MainLoop()

    def run(self) -> None:
        self.pipeline.set_state(Gst.State.PLAYING)
        GLib.timeout_add(300 if self.role == "whip" else 10, self.offer)
        GLib.timeout_add(int(self.seconds * 1000), self.loop.quit)
        self.loop.run()
        promise = Gst.Promise.new_with_change_func(self.report)
        self.bin.emit("get-stats", None, promise)
        GLib.timeout_add(2000, self.loop.quit)
        self.loop.run()

    def offer(self) -> bool:
        self.bin.emit("create-offer", None, Gst.Promise.new_with_change_func(self.offered))
        return False

    def offered(self, promise: Gst.Promise) -> None:
        promise.wait()
        reply = promise.get_reply()  # owns the offer
        self.bin.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())

    def gathered(self, *_: object) -> None:
        if self.bin.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            text = self.bin.get_property("local-description").sdp.as_text()
            request = urllib.request.Request(self.url, text.encode(), {"content-type": "application/sdp"})
            answer = urllib.request.urlopen(request).read()
            _, message = GstSdp.SDPMessage.new_from_text(answer.decode())
            description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
            self.bin.emit("set-remote-description", description, Gst.Promise.new())

    def changed(self, *_: object) -> None:
        self.state = self.bin.get_property("connection-state").value_nick

    def received(self, _: object, pad: Gst.Pad) -> None:
        if pad.direction != Gst.PadDirection.SRC:
            return
        decoder = Gst.ElementFactory.make("decodebin")
        decoder.connect("pad-added", self.decoded)
        self.pipeline.add(decoder)
        decoder.sync_state_with_parent()
        pad.link(decoder.get_static_pad("sink"))

    def decoded(self, _: object, pad: Gst.Pad) -> None:
        kind = pad.get_current_caps().get_structure(0).get_name().partition("/")[0]
        sink = Gst.ElementFactory.make("fakesink")
        sink.set_property("sync", False)
        sink.set_property("signal-handoffs", True)
        sink.connect("handoff", self.shown, kind)
        self.pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

    def shown(self, _: object, __: object, pad: Gst.Pad, kind: str) -> None:
        if kind == "video":
            caps = pad.get_current_caps().get_structure(0)
            self.size = f"{caps.get_value('width')}x{caps.get_value('height')}"
            self.first_at = self.first_at or time.monotonic()
        self.frames[kind] += 1

    def report(self, promise: Gst.Promise) -> None:
        reply, streams = promise.get_reply(), []
        for i in range(reply.n_fields()):
            part = reply.get_value(reply.nth_field_name(i))
            kind = part.get_name() if hasattr(part, "get_name") else ""
            if "rtp-" in kind or "bound-stream" in kind:
                streams.append({(name := part.nth_field_name(n)): part.get_value(name) for n in range(part.n_fields())})
        first = round(self.first_at - self.began_at, 2) if self.first_at else None
        streams = [{key: str(value) for key, value in stream.items() if "stats" not in key} for stream in streams]
        print(json.dumps({"state": self.state, "frames": self.frames, "size": self.size, "first_s": first, "streams": streams}))
        self.loop.quit()


if __name__ == "__main__":
    Gst.init(None)
    Peer(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])).run()
