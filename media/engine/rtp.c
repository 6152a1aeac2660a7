#include "rtp.h"
#include "bytes.h"

enum { ONE_BYTE = 0xBEDE, TWO_BYTE = 0x100 };

static bool extensions_parse(struct rtp *rtp, const uint8_t *data, int profile, int at, int end)
{
    bool one = profile == ONE_BYTE;
    if (!one && profile >> 4 != TWO_BYTE)
        return true; /* a profile we do not know is skipped, as RFC 3550 asks */
    while (at < end) {
        int first = data[at++], id = first, size;
        if (first == 0) /* padding */
            continue;
        if (one) {
            id = first >> 4;
            size = (first & 15) + 1;
            if (id == 15) /* reserved: stop here */
                break;
        } else {
            if (at == end)
                return false;
            size = data[at++];
        }
        if (size > end - at)
            return false;
        if (id < 15)
            rtp->values[id] = (struct value){(uint16_t)at, (uint16_t)size};
        at += size;
    }
    return true;
}

bool rtp_parse(struct rtp *rtp, const uint8_t *data, int size)
{
    if (size < 12 || size > 0xFFFF || data[0] >> 6 != 2)
        return false;
    int start = 12 + 4 * (data[0] & 15), end = size;
    memset(rtp->values, 0, sizeof rtp->values);
    if (data[0] & 0x10) {
        if (start + 4 > end)
            return false;
        int profile = get16(data + start), block = start + 4;
        start = block + 4 * get16(data + start + 2);
        if (start > end || !extensions_parse(rtp, data, profile, block, start))
            return false;
    }
    if (data[0] & 0x20) {
        if (!data[size - 1])
            return false;
        end -= data[size - 1];
    }
    if (start > end)
        return false;
    rtp->marker = data[1] > 127;
    rtp->payload_type = data[1] & 127;
    rtp->sequence = get16(data + 2);
    rtp->timestamp = get32(data + 4);
    rtp->ssrc = get32(data + 8);
    rtp->payload = (uint16_t)start;
    rtp->end = (uint16_t)end;
    return true;
}

bool vp8_parse(struct vp8 *vp8, const uint8_t *payload, int size)
{
    int at = 1;
    *vp8 = (struct vp8){.picture = -1, .picture_bits = 15, .tl0 = -1};
    if (size < 1 || (size < 2 && payload[0] & 0x80))
        return false;
    if (payload[0] & 0x80) {
        int present = payload[1];
        at = 2;
        if (present & 0x80) {
            if (at >= size)
                return false;
            vp8->picture = payload[at++];
            if (vp8->picture & 0x80) {
                if (at >= size)
                    return false;
                vp8->picture = (vp8->picture & 0x7F) << 8 | payload[at++];
            } else {
                vp8->picture_bits = 7;
            }
        }
        if (present & 0x40) {
            if (at >= size)
                return false;
            vp8->tl0 = payload[at++];
        }
        if (present & 0x30)
            at++;
    }
    bool starts_frame = (payload[0] & 0x17) == 0x10; /* S set, first partition */
    if (starts_frame ? at >= size : at > size)
        return false;
    vp8->length = at;
    vp8->key = starts_frame && !(payload[at] & 1);
    return true;
}

bool h264_starts(const uint8_t *payload, int size)
{
    int kind = size ? payload[0] & 31 : 0;
    return kind == 7 || (kind == 24 && size > 3 && (payload[3] & 31) == 7);
}
