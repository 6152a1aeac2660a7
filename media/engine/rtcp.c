/* The RTCP that is the engine's own business: transport-wide feedback, NACKs, and reports, which lie here until somebody asks.
   The rest goes up to Python, which sees a compound packet only when it is whole. */
#include "bytes.h"
#include "core.h"

enum { SENDER_REPORT = 200, RECEIVER_REPORT, APPLICATION_DEFINED = 204, RTP_FEEDBACK, PAYLOAD_FEEDBACK, NACK = 1, TRANSPORT = 15, APPLICATION = 15 };

static struct slot *slot_by_ssrc(const struct peer *peer, uint32_t ssrc)
{
    for (struct slot *slot = peer->slots; slot; slot = slot->next)
        if (slot->ssrc == ssrc)
            return slot;
    return NULL;
}

/* RFC 4585, 6.2.1; `body` begins with the SSRCs of sender and media. */
static bool on_nack(struct engine *engine, struct peer *peer, const uint8_t *body, int size)
{
    if (size < 8 || size % 4)
        return false;
    struct slot *slot = slot_by_ssrc(peer, get32(body + 4));
    for (int at = 8; slot && at < size; at += 4) {
        uint16_t number = get16(body + at), following = get16(body + at + 2);
        slot_retransmit(engine, slot, number);
        for (int i = 0; i < 16; i++)
            if (following >> i & 1)
                slot_retransmit(engine, slot, (uint16_t)(number + 1 + i));
    }
    return true;
}

/* RFC 3550, 6.4; `body` begins with the sender's SSRC. */
static bool on_reports(struct engine *engine, struct peer *peer, int kind, int count, const uint8_t *body, int size)
{
    int at = kind == SENDER_REPORT ? 24 : 4;
    if (size < (kind == SENDER_REPORT ? 12 : 4) || (count && size < at + 24 * count))
        return false;
    const struct known *sender = kind == SENDER_REPORT && (get32(body + 4) || get32(body + 8)) ? stream_find(peer, get32(body)) : NULL;
    if (sender && !sender->repair) {
        sender->stream->sender_report = get32(body + 6);
        sender->stream->sender_report_at = engine->arrived;
    }
    for (; count > 0; count--, at += 24) {
        struct slot *slot = slot_by_ssrc(peer, get32(body + at));
        uint32_t lost = get32(body + at + 4);
        if (slot)
            slot->report = (struct report){slot->ssrc, (int)(lost >> 24), (int)(lost << 8) >> 8, get32(body + at + 8), get32(body + at + 12),
                                           get32(body + at + 16), get32(body + at + 20), engine->arrived};
    }
    return true;
}

/* The next packet of a compound: where its body begins and how long it is without padding; -1 if it does not parse. */
static int part(const uint8_t *data, int size, int at, int *body_size)
{
    if (at + 4 > size || data[at] >> 6 != 2)
        return -1;
    int length = 4 * get16(data + at + 2), end = at + 4 + length;
    if (end > size)
        return -1;
    if (data[at] & 0x20) {
        if (!length || !data[end - 1] || data[end - 1] > length)
            return -1;
        length -= data[end - 1];
    }
    *body_size = length;
    return end;
}

/* What only tells how it goes: REMB. Whoever asks for a key frame is not kept waiting. */
static bool patient(int kind, int format) { return kind == PAYLOAD_FEEDBACK && format == APPLICATION; }

void rtcp_arrived(struct engine *engine, struct peer *peer, const uint8_t *data, int size)
{
    bool rest = false, soon = false;
    int length;
    for (int at = 0; at < size;) {
        if ((at = part(data, size, at, &length)) < 0) {
            peer->traffic.refused++;
            return;
        }
    }
    for (int at = 0, next; at < size; at = next) {
        next = part(data, size, at, &length);
        const uint8_t *body = data + at + 4;
        bool read = true;
        if (data[at + 1] == RTP_FEEDBACK && (data[at] & 31) == TRANSPORT)
            read = !peer->log ? length >= 16 : log_heard(engine, peer->log, body, length);
        else if (data[at + 1] == RTP_FEEDBACK && (data[at] & 31) == NACK)
            read = on_nack(engine, peer, body, length);
        else if (data[at + 1] == SENDER_REPORT || data[at + 1] == RECEIVER_REPORT)
            read = on_reports(engine, peer, data[at + 1], data[at] & 31, body, length);
        else if (data[at + 1] < SENDER_REPORT || data[at + 1] > APPLICATION_DEFINED) {
            rest = true;
            soon |= !patient(data[at + 1], data[at] & 31);
        }
        if (!read) {
            peer->traffic.refused++;
            return;
        }
    }
    if (rest)
        event_put(engine, (struct event){.kind = EVENT_RTCP, .id = peer->id, .size = (uint32_t)size, .at = engine->arrived}, data, soon);
}
