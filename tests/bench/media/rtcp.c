#include "rtcp.h"

#include <string.h>

#include "srtp.h"

enum { SR = 200, RR = 201, SDES = 202, RTPFB = 205, PSFB = 206 };
enum { TICK = 250000, REFERENCE = 64000000 }; /* nanoseconds: of arrival deltas, of the reference time */
static const int64_t SECOND = 1000000000, EPOCH_1900 = 2208988800;

inflow *peer_inflow(peer *p, uint32_t ssrc, bool make)
{
    for (int i = 0; i < p->inflow_count; i++)
        if (p->inflows[i].ssrc == ssrc)
            return &p->inflows[i];
    if (!make || p->inflow_count == INFLOWS)
        return NULL;
    inflow *f = &p->inflows[p->inflow_count];
    *f = (inflow){.ssrc = ssrc, .from = UINT32_MAX};
    p->inflow_count++;
    return f;
}

outflow *peer_outflow(peer *p, uint32_t ssrc)
{
    for (int i = 0; i < p->outflow_count; i++)
        if (p->outflows[i].ssrc == ssrc)
            return &p->outflows[i];
    if (p->outflow_count == OUTFLOWS)
        return NULL;
    outflow *o = &p->outflows[p->outflow_count++];
    *o = (outflow){.ssrc = ssrc};
    return o;
}

uint32_t inflow_count(inflow *f, uint16_t number, uint32_t timestamp, uint8_t type, int64_t at)
{
    double clock = type == 111 ? 48000 : 90000;
    if (!f->packets)
        f->first = f->highest = number;
    else {
        double gap = (at - f->at) * clock / SECOND - (int32_t)(timestamp - f->timestamp);
        f->jitter += ((gap < 0 ? -gap : gap) - f->jitter) / 16;
    }
    f->timestamp = timestamp;
    f->at = at;
    f->packets++;
    uint32_t unwrapped = f->highest + (int16_t)(number - (uint16_t)f->highest);
    if ((int32_t)(unwrapped - f->highest) > 0)
        f->highest = unwrapped;
    return unwrapped;
}

int rtp_transport_number(const uint8_t *data, size_t size, size_t start, uint8_t id)
{
    size_t at = start + 4, end = at + 4 * get16(data + start + 2);
    if (end > size || get16(data + start) != 0xBEDE)
        return -1;
    while (at < end) {
        if (data[at] >> 4 == id)
            return get16(data + at + 1);
        at += data[at] ? 2 + (data[at] & 15) : 1;
    }
    return -1;
}

void peer_arrived(peer *p, int number, int64_t at)
{
    if (number < 0)
        return;
    if (!p->began) {
        p->began = true;
        p->next = p->newest = number + 0x10000;
    }
    uint32_t unwrapped = p->newest + (int16_t)(number - (uint16_t)p->newest);
    if ((int32_t)(unwrapped - p->newest) > 0)
        p->newest = unwrapped;
    p->arrivals[unwrapped % ARRIVALS] = at;
}

size_t peer_feedback(peer *p, uint8_t *out)
{
    enum { MOST = 400, CHUNK = 7 };
    while (p->began && (int32_t)(p->newest - p->next) >= 0 && !p->arrivals[p->next % ARRIVALS] && p->newest - p->next >= MOST)
        p->next++;
    if (!p->began || (int32_t)(p->newest - p->next) < 0)
        return 0;
    int count = p->newest - p->next + 1 < MOST ? p->newest - p->next + 1 : MOST;
    int64_t first = 0;
    for (int i = 0; i < count && !first; i++)
        first = p->arrivals[(p->next + i) % ARRIVALS];
    int64_t reference = first / REFERENCE, before = reference * (REFERENCE / TICK);
    uint8_t *chunks = out + 20, *deltas = chunks + 2 * ((count + CHUNK - 1) / CHUNK), *at = deltas;
    memset(chunks, 0, deltas - chunks);
    for (int i = 0; i < count; i++) { /* symbols of two bits, seven to a chunk */
        int64_t *arrival = &p->arrivals[(p->next + i) % ARRIVALS];
        uint8_t *chunk = chunks + i / CHUNK * 2;
        put16(chunk, get16(chunk) | 0xC000);
        if (!*arrival)
            continue;
        int64_t tick = *arrival / TICK, delta = tick - before;
        int symbol = delta >= 0 && delta < 256 ? 1 : 2;
        put16(chunk, get16(chunk) | symbol << (12 - 2 * (i % CHUNK)));
        if (symbol == 1)
            *at++ = delta;
        else
            put16(at, delta), at += 2;
        before = tick;
        *arrival = 0;
    }
    int padding = -(at - out) & 3;
    memset(at, 0, padding);
    at += padding;
    if (padding)
        at[-1] = padding;
    out[0] = 0x8F | (padding ? 0x20 : 0);
    out[1] = RTPFB;
    put16(out + 2, (at - out) / 4 - 1);
    put32(out + 4, p->ssrc);
    put32(out + 8, p->inflow_count ? p->inflows[0].ssrc : 0);
    put16(out + 12, p->next);
    put16(out + 14, count);
    put32(out + 16, (uint32_t)reference << 8 | (p->feedback_count++ & 0xFF));
    p->next += count;
    return at - out;
}

static void put_ntp(uint8_t *out, int64_t now)
{
    put32(out, now / SECOND + EPOCH_1900);
    put32(out + 4, ((uint64_t)(now % SECOND) << 32) / SECOND);
}

static size_t description(uint8_t *out, uint32_t ssrc)
{
    memset(out, 0, 16);
    out[0] = 0x81;
    out[1] = SDES;
    put16(out + 2, 3);
    put32(out + 4, ssrc);
    out[8] = 1;
    out[9] = 4;
    memcpy(out + 10, "load", 4);
    return 16;
}

size_t rtcp_sender_report(uint8_t *out, uint32_t ssrc, int64_t now, uint32_t timestamp, uint32_t packets, uint32_t octets)
{
    out[0] = 0x80;
    out[1] = SR;
    put16(out + 2, 6);
    put32(out + 4, ssrc);
    put_ntp(out + 8, now);
    put32(out + 16, timestamp);
    put32(out + 20, packets);
    put32(out + 24, octets);
    return 28 + description(out + 28, ssrc);
}

static uint8_t *block(inflow *f, uint8_t *out, int64_t now)
{
    uint32_t expected = f->highest - f->first + 1, new = expected - f->expected_before, got = f->packets - f->packets_before;
    int32_t lost = expected - f->packets;
    f->expected_before = expected;
    f->packets_before = f->packets;
    put32(out, f->ssrc);
    put32(out + 4, lost & 0xFFFFFF);
    out[4] = new && new > got ? (new - got) * 255 / new : 0;
    put32(out + 8, f->highest);
    put32(out + 12, f->jitter);
    put32(out + 16, f->sender_report);
    put32(out + 20, f->sender_report ? (now - f->sender_report_at) * 65536 / SECOND : 0);
    return out + 24;
}

size_t peer_report(peer *p, uint8_t *out, int64_t now)
{
    int count = p->inflow_count < 31 ? p->inflow_count : 31;
    uint8_t *at = out + 8;
    for (int i = 0; i < count; i++)
        at = block(&p->inflows[i], at, now);
    out[0] = 0x80 | count;
    out[1] = RR;
    put16(out + 2, (at - out) / 4 - 1);
    put32(out + 4, p->ssrc);
    at += description(at, p->ssrc);
    if (p->remb_kbps) {
        uint32_t mantissa = p->remb_kbps * 1000, exponent = 0;
        for (; mantissa >= 1 << 18; mantissa >>= 1)
            exponent++;
        at[0] = 0x8F;
        at[1] = PSFB;
        put16(at + 2, 4 + count);
        put32(at + 4, p->ssrc);
        put32(at + 8, 0);
        memcpy(at + 12, "REMB", 4);
        put32(at + 16, (uint32_t)count << 24 | exponent << 18 | mantissa);
        at += 20;
        for (int i = 0; i < count; i++, at += 4)
            put32(at, p->inflows[i].ssrc);
    }
    return at - out;
}

void rtcp_read(const uint8_t *data, size_t size, void (*take)(void *, const rtcp_message *), void *context)
{
    for (size_t length; size >= 8; data += length, size -= length) {
        length = 4 * (get16(data + 2) + 1);
        if (length > size)
            return;
        int format = data[0] & 31, type = data[1];
        size_t first = type == SR ? 28 : 8;
        rtcp_message m = {.kind = RTCP_OTHER, .ssrc = length >= 12 ? get32(data + 8) : 0};
        if (type == SR && length >= first)
            m = (rtcp_message){.kind = RTCP_SENDER_REPORT, .ssrc = get32(data + 4), .middle = get32(data + 10)};
        else if (type == PSFB && format == 4 && length >= 16)
            m = (rtcp_message){.kind = RTCP_KEY_REQUEST, .ssrc = get32(data + 12)};
        else if (type == PSFB && format == 1)
            m.kind = RTCP_KEY_REQUEST;
        else if (type == RTPFB)
            m.kind = format == 1 ? RTCP_LOST : format == 15 ? RTCP_FEEDBACK : RTCP_OTHER;
        take(context, &m);
        for (const uint8_t *b = data + first; (type == SR || type == RR) && format-- && b + 24 <= data + length; b += 24) {
            m = (rtcp_message){.kind = RTCP_REPORT_BLOCK, .ssrc = get32(b), .lost = (int32_t)(get32(b + 4) << 8) >> 8};
            take(context, &m);
        }
    }
}
