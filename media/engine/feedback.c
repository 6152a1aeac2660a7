/* What a receiver of RTP has to tell its sender: losses and arrival times, computed from what came. The same rules as
   feedback.py. */
#include "bytes.h"
#include "core.h"

enum {
    REACH = 500, /* numbers further behind are given up */
    BURST = 200, /* a larger hole is not repaired but waits for a key frame */
    TRIES = 10,
    NUMBERS = 512,
    BACK = 500,  /* a packet later than this many transport-wide numbers is not reported any more */
    SPAN = 2000, /* numbers one feedback may cover */
    KEPT = 4096,
    TICKS = 4000, /* arrival times are counted in 250 µs */
    FEEDBACK_BYTES = 1100,
    FEEDBACKS = 4 /* packets at once */
};

struct missing {
    int count;
    struct {
        uint16_t number;
        uint8_t tries;
        bool lacks;
        double at; /* when to ask next */
    } numbers[NUMBERS];
};

struct feedback {
    uint32_t media;
    uint8_t count;
    bool begun;
    int held;
    int64_t newest, next, first, last;
    int64_t ticks[KEPT]; /* by unwrapped number; 0: not there */
};

/* --- losses of one stream --- */

static bool drop(struct missing *missing, uint16_t number)
{
    int i = number % NUMBERS;
    if (!missing || !missing->numbers[i].lacks || missing->numbers[i].number != number)
        return false;
    missing->numbers[i].lacks = false;
    missing->count--;
    return true;
}

static void add(struct missing *missing, uint16_t number, double now)
{
    int i = number % NUMBERS;
    missing->count += !missing->numbers[i].lacks; /* one that stood there is out of reach by now */
    missing->numbers[i].number = number;
    missing->numbers[i].tries = 0;
    missing->numbers[i].lacks = true;
    missing->numbers[i].at = now;
}

static void note(struct stream *stream, uint16_t number, double now, bool repaired)
{
    if (stream->newest < 0)
        stream->newest = number;
    int64_t ahead = distance(number, (uint64_t)stream->newest, 16);
    if (ahead <= 0 || repaired) {
        stream->repaired += drop(stream->missing, number) && repaired;
        return;
    }
    if (ahead > BURST) {
        if (stream->missing)
            memset(stream->missing, 0, sizeof *stream->missing);
    } else if (ahead > 1 && (stream->missing || (stream->missing = calloc(1, sizeof *stream->missing)))) {
        for (int step = 1; step < ahead; step++)
            add(stream->missing, (uint16_t)(stream->newest + step), now);
    }
    stream->newest = number;
}

/* RFC 3550, 6.4.1, A.3 and A.8. `rtp` has the number it had before it was lost, if it is repaired. */
void stream_count(struct stream *stream, const struct rtp *rtp, int octets, bool repaired, double now)
{
    if (!stream->source->audio) /* Opus conceals its losses better than late packets would */
        note(stream, rtp->sequence, now, repaired);
    if (repaired)
        return;
    if (!stream->packets) {
        stream->first = stream->highest = rtp->sequence;
    } else {
        int64_t ahead = distance(rtp->sequence, (uint64_t)stream->highest, 16);
        stream->highest += ahead > 0 ? ahead : 0;
    }
    uint32_t transit = (uint32_t)((int64_t)(now * (stream->source->audio ? 48000 : 90000)) - rtp->timestamp);
    if (stream->packets) {
        double change = (double)distance(transit, stream->transit, 32);
        stream->jitter += ((change < 0 ? -change : change) - stream->jitter) / 16;
    }
    stream->transit = transit;
    stream->packets++;
    stream->octets += octets;
}

/* Asks the sender for what is due, oldest first. */
static void ask(struct engine *engine, struct stream *stream)
{
    struct missing *missing = stream->missing;
    struct peer *peer = stream->source->peer;
    double again = peer->rtt * 1.2 > 0.05 ? peer->rtt * 1.2 : 0.05;
    uint8_t packet[16 + 4 * NUMBERS + SRTP_GROWTH];
    int size = 12, last = -1;
    for (int behind = NUMBERS - 1; behind > 0 && missing->count; behind--) {
        uint16_t number = (uint16_t)(stream->newest - behind);
        int i = number % NUMBERS;
        if (!missing->numbers[i].lacks || missing->numbers[i].number != number)
            continue;
        if (missing->numbers[i].tries >= TRIES || behind > REACH) {
            drop(missing, number);
            continue;
        }
        if (missing->numbers[i].at > engine->now)
            continue;
        stream->asked += !missing->numbers[i].tries++;
        missing->numbers[i].at = engine->now + again;
        int ahead = last < 0 ? 0 : (uint16_t)(number - last);
        if (ahead > 0 && ahead <= 16) {
            put16(packet + size - 2, (uint16_t)(get16(packet + size - 2) | 1 << (ahead - 1)));
        } else {
            put16(packet + size, number);
            put16(packet + size + 2, 0);
            last = number;
            size += 4;
        }
    }
    if (size == 12)
        return;
    packet[0] = 0x80 | 1; /* generic NACK (RFC 4585, 6.2.1) */
    packet[1] = 205;
    put16(packet + 2, (uint16_t)(size / 4 - 1));
    put32(packet + 4, peer->ssrc);
    put32(packet + 8, stream->ssrc);
    peer_rtcp(engine, peer, packet, size);
}

void missing_ask(struct engine *engine, struct source *source)
{
    for (int layer = 0; layer < source->layers; layer++)
        if (source->streams[layer] && source->streams[layer]->missing && source->streams[layer]->missing->count)
            ask(engine, source->streams[layer]);
}

/* --- arrival times of all of a peer's packets --- */

void feedback_arrived(struct peer *peer, uint16_t number, double at, uint32_t ssrc)
{
    struct feedback *feedback = peer->feedback;
    if (!feedback && !(feedback = peer->feedback = calloc(1, sizeof *feedback)))
        return;
    if (ssrc)
        feedback->media = ssrc;
    if (!feedback->begun) {
        feedback->begun = true;
        feedback->newest = feedback->next = number;
    }
    int64_t whole = feedback->newest + distance(number, (uint64_t)feedback->newest, 16);
    if (whole < feedback->next - BACK)
        return;
    if (whole > feedback->newest)
        feedback->newest = whole;
    if (whole < feedback->next)
        feedback->next = whole; /* late ones are reported again with what follows, as libwebrtc does */
    if (!feedback->held)
        feedback->first = feedback->last = whole;
    if (whole - feedback->first >= KEPT) {
        for (int64_t i = feedback->first; i <= whole - KEPT && i <= feedback->last; i++)
            if (feedback->ticks[i & (KEPT - 1)]) {
                feedback->ticks[i & (KEPT - 1)] = 0;
                feedback->held--;
            }
        feedback->first = whole - KEPT + 1;
    }
    if (feedback->last - whole >= KEPT)
        return;
    feedback->held += !feedback->ticks[whole & (KEPT - 1)];
    feedback->ticks[whole & (KEPT - 1)] = (int64_t)(at * TICKS);
    if (whole < feedback->first)
        feedback->first = whole;
    if (whole > feedback->last)
        feedback->last = whole;
}

/* The next feedback packet; its size, 0 if nothing came. */
static int take(struct peer *peer, uint8_t packet[FEEDBACK_BYTES + 16 + SRTP_GROWTH])
{
    struct feedback *feedback = peer->feedback;
    uint8_t deltas[FEEDBACK_BYTES + 4], symbols[SPAN];
    int count = 0, delta_size = 0;
    if (!feedback->held)
        return 0;
    while (!feedback->ticks[feedback->first & (KEPT - 1)])
        feedback->first++;
    int64_t base = feedback->last - feedback->next < SPAN ? feedback->next : feedback->first, last = feedback->last;
    if (last > base + SPAN - 1)
        last = base + SPAN - 1;
    int64_t reference = feedback->ticks[feedback->first & (KEPT - 1)] / 256, previous = reference * 256; /* units of 64 ms */
    for (int64_t number = base; number <= last; number++) {
        int64_t ticks = number < feedback->first ? 0 : feedback->ticks[number & (KEPT - 1)], delta = ticks - previous;
        if (20 + 2 * (count / 7 + 1) + delta_size + 2 > FEEDBACK_BYTES)
            break;
        if (!ticks) {
            symbols[count++] = 0;
            continue;
        }
        if (delta >= 0 && delta < 256) {
            symbols[count++] = 1;
            deltas[delta_size++] = (uint8_t)delta;
        } else if (delta >= -0x8000 && delta < 0x8000) {
            symbols[count++] = 2;
            put16(deltas + delta_size, (uint16_t)delta);
            delta_size += 2;
        } else { /* too far from the one before it: for the next packet */
            break;
        }
        previous = ticks;
    }
    put32(packet + 4, peer->ssrc);
    put32(packet + 8, feedback->media);
    put16(packet + 12, (uint16_t)base);
    put16(packet + 14, (uint16_t)count);
    put32(packet + 16, (uint32_t)((reference & 0xFFFFFF) << 8 | feedback->count++));
    int size = 20;
    for (int i = 0; i < count; i += 7, size += 2) { /* status vectors of seven two-bit symbols */
        uint16_t vector = 0xC000;
        for (int k = 0; k < 7 && i + k < count; k++)
            vector |= (uint16_t)(symbols[i + k] << (12 - 2 * k));
        put16(packet + size, vector);
    }
    memcpy(packet + size, deltas, (size_t)delta_size);
    size += delta_size;
    int padding = -size & 3;
    packet[0] = (uint8_t)(0x80 | (padding ? 0x20 : 0) | 15);
    packet[1] = 205;
    memset(packet + size, 0, (size_t)padding);
    size += padding;
    if (padding)
        packet[size - 1] = (uint8_t)padding;
    put16(packet + 2, (uint16_t)(size / 4 - 1));
    feedback->next = base + count;
    for (; feedback->held && feedback->first < feedback->next; feedback->first++)
        if (feedback->ticks[feedback->first & (KEPT - 1)]) {
            feedback->ticks[feedback->first & (KEPT - 1)] = 0;
            feedback->held--;
        }
    return size;
}

void feedback_send(struct engine *engine, struct peer *peer)
{
    uint8_t packet[FEEDBACK_BYTES + 16 + SRTP_GROWTH];
    for (int i = 0, size; i < FEEDBACKS && peer->feedback && (size = take(peer, packet)) > 0; i++)
        peer_rtcp(engine, peer, packet, size);
}
