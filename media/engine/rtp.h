/* Reading RTP (RFC 3550, RFC 8285) and the payload bytes a forwarder needs of VP8 (RFC 7741) and H.264 (RFC 6184).
   The same rules as media/rtp.py, which tests compare it with. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Values of header extensions stay where they are in the packet: position and size, 0 where an id was not sent. */
struct value {
    uint16_t at, size;
};

/* `payload` to `end`: what is left without padding, empty when the sender only probed the link. */
struct rtp {
    bool marker;
    uint8_t payload_type;
    uint16_t sequence;
    uint32_t timestamp, ssrc;
    uint16_t payload, end;
    struct value values[15]; /* by extension id, as far as the one-byte form can name them */
};

bool rtp_parse(struct rtp *rtp, const uint8_t *data, int size);

/* A VP8 payload descriptor; `picture` and `tl0` are -1 where the sender does not number them. */
struct vp8 {
    int length, picture, picture_bits, tl0;
    bool key;
};

bool vp8_parse(struct vp8 *vp8, const uint8_t *payload, int size);
/* Whether a decoder can begin with this packet: a sequence parameter set, alone or first in a STAP-A. */
bool h264_starts(const uint8_t *payload, int size);
