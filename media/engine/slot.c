/* One fixed outgoing stream: its SSRCs never change, what it shows does. */
#include "bytes.h"
#include "core.h"

static const double REPEAT = 0.02; /* a packet is sent again at most once in this time, in seconds, */
enum { REPEATS = 4 };              /* and at most so often: a receiver that asks without end harms only itself */

static void tell(struct engine *engine, const struct slot *slot, int layer)
{
    event_put(engine, (struct event){.kind = EVENT_SHOWS, .id = slot->id, .value = layer, .detail = slot->binding}, NULL, true);
}

static bool is_repair(const struct outgoing *packet) { return packet->kind == OUTGOING_AGAIN || packet->kind == OUTGOING_PADDING; }

/* The header with its extensions; how long it became. `transport`: its transport-wide number, if it gets one. */
static int write_header(const struct engine *engine, const struct outgoing *packet, uint8_t *out, int payload_type, bool numbered,
                        uint16_t transport)
{
    const struct slot *slot = packet->slot;
    const struct media *media = packet->media;
    const struct extensions *ids = &slot->peer->down;
    uint8_t *at = out + 16;
    out[0] = 0x90;
    out[1] = (uint8_t)((media && media->marker) << 7 | payload_type);
    put16(out + 2, (uint16_t)packet->number);
    put32(out + 4, packet->timestamp);
    put32(out + 8, is_repair(packet) ? slot->repair_ssrc : slot->ssrc);
    if (ids->mid && slot->mid_size) {
        *at++ = (uint8_t)(ids->mid << 4 | (slot->mid_size - 1));
        memcpy(at, slot->mid, 16); /* always the same size: faster; what is too much is written over */
        at += slot->mid_size;
    }
    if (ids->abs_send_time) {
        *at++ = (uint8_t)(ids->abs_send_time << 4 | 2);
        put24(at, engine->abs_send);
        at += 3;
    }
    if (numbered) {
        *at++ = (uint8_t)(ids->transport_sequence << 4 | 1);
        put16(at, transport);
        at += 2;
    }
    if (ids->audio_level && media && media->level_size) {
        *at++ = (uint8_t)(ids->audio_level << 4 | (media->level_size - 1));
        memcpy(at, media->level, media->level_size);
        at += media->level_size;
    }
    if (ids->orientation && media && media->orientation_size) {
        *at++ = (uint8_t)(ids->orientation << 4 | (media->orientation_size - 1));
        memcpy(at, media->orientation, media->orientation_size);
        at += media->orientation_size;
    }
    int size = (int)(at - out - 16);
    if (!size) {
        out[0] = 0x80;
        return 12;
    }
    while (size & 3)
        out[16 + size++] = 0;
    put16(out + 12, 0xBEDE);
    put16(out + 14, (uint16_t)(size / 4));
    return 16 + size;
}

/* The payload, with this slot's numbers in it for now. */
static int write_payload(const struct outgoing *packet, uint8_t padding[PADDING], uint8_t **payload)
{
    struct media *media = packet->media;
    *payload = padding;
    if (!media)
        return packet->kind == OUTGOING_PADDING ? PADDING : 0;
    *payload = media->data + 2;
    if (media->picture_at)
        put16(*payload + media->picture_at, (uint16_t)packet->picture | 0x8000);
    if (media->tl0_at)
        (*payload)[media->tl0_at] = packet->tl0;
    if (packet->kind != OUTGOING_AGAIN)
        return media->size;
    *payload -= 2;
    put16(*payload, packet->original);
    return media->size + 2;
}

int slot_leave(struct engine *engine, const struct outgoing *packet)
{
    static uint8_t padding[PADDING] = {[PADDING - 1] = PADDING};
    struct slot *slot = packet->slot;
    struct peer *peer = slot->peer;
    const struct codec *codec = packet->media ? &slot->codecs[packet->media->codec] : &slot->first;
    uint8_t *out = out_reserve(engine), *payload;
    bool numbered = peer->down.transport_sequence && peer->log && slot->transport && !peer->tap;
    int64_t transport = 0;
    if (!peer_open(peer))
        return 0;
    if (numbered)
        transport = log_number(peer->log);
    int payload_type = packet->kind == OUTGOING_PADDING ? slot->padding_type : is_repair(packet) ? codec->repair : codec->payload_type;
    int header = write_header(engine, packet, out, payload_type, numbered, (uint16_t)transport);
    int size = write_payload(packet, padding, &payload), sealed;
    if (packet->kind == OUTGOING_PADDING)
        out[0] |= 0x20;
    if (peer->tap) {
        memcpy(out + header, payload, (size_t)size);
        event_put(engine, (struct event){.kind = EVENT_TAPPED, .id = slot->id, .size = (uint32_t)(header + size)}, out, true);
        sealed = 0;
    } else {
        int64_t index = packet->number - ((is_repair(packet) ? slot->repair_base : slot->base) << 16);
        if (index < 0 || (sealed = srtp_protect(peer->out, out, header, payload, size, (uint64_t)index)) < 0)
            return 0;
        if (numbered)
            log_sent(peer->log, transport, sealed, engine->now);
        out_commit(engine, peer, sealed);
    }
    if (!is_repair(packet)) {
        slot->packets++;
        slot->octets += size;
    }
    return sealed;
}

static void keep(struct engine *engine, struct slot *slot, const struct outgoing *packet)
{
    if (!slot->history && !(slot->history = calloc(SEQUENCE_WINDOW, sizeof *slot->history)))
        return;
    struct sent *place = &slot->history[packet->number % SEQUENCE_WINDOW];
    media_release(engine, place->media);
    packet->media->references++;
    *place = (struct sent){packet->media, packet->number, packet->timestamp, packet->picture, packet->tl0, 0, -1.0};
}

static void forward(struct engine *engine, struct slot *slot, struct media *media)
{
    int64_t number = sequence_take(&slot->sequence, media->sequence);
    if (number < 0)
        return;
    struct outgoing packet = {.slot = slot, .media = media, .number = number};
    if (media->picture >= 0)
        packet.picture = (int16_t)(counter_take(&slot->picture, media->picture, media->picture_bits) & 0x7FFF);
    if (media->tl0 >= 0)
        packet.tl0 = (uint8_t)counter_take(&slot->tl0, media->tl0, 8);
    packet.timestamp = timestamps_take(&slot->timestamps, media->timestamp, media->at);
    if (slot->repairs)
        keep(engine, slot, &packet);
    peer_put(engine, slot->peer, &packet);
}

/* This packet follows the last one sent, whatever was between them. */
static void restart(struct slot *slot, const struct media *media)
{
    slot->still_timestamp = media->timestamp;
    slot->still_known = true;
    sequence_restart(&slot->sequence, media->sequence);
    if (media->picture >= 0)
        counter_restart(&slot->picture, media->picture);
    if (media->tl0 >= 0)
        counter_restart(&slot->tl0, media->tl0);
}

/* Brings what the next packet needs into the cache. */
void slot_prepare(const struct slot *slot)
{
    __builtin_prefetch(slot->peer);
    __builtin_prefetch(slot->peer->out);
    if (slot->history)
        __builtin_prefetch(&slot->history[(slot->sequence.newest + 1) % SEQUENCE_WINDOW], 1);
}

void slot_forward(struct engine *engine, struct slot *slot, struct stream *stream, struct media *media)
{
    if (slot->codecs[media->codec].payload_type < 0)
        return;
    bool changed = stream != slot->stream;
    if (changed) {
        /* a repaired key frame has lost its order: what follows it has passed already */
        if (stream->layer != slot->layer || !media->key || media->repaired)
            return;
        slot->stream = stream;
        timestamps_restart(&slot->timestamps, media->timestamp, media->at);
        restart(slot, media);
    } else if (slot->stills && !(slot->still_known && media->timestamp == slot->still_timestamp)) {
        if (!media->key || media->repaired)
            return;
        restart(slot, media);
    }
    if (peer_open(slot->peer))
        forward(engine, slot, media);
    if (changed)
        tell(engine, slot, stream->layer);
}

/* Padding is not forwarded and leaves no gap; only where its neighbours are gone already does an empty packet take its
   place. */
void slot_skip(struct engine *engine, struct slot *slot, struct stream *stream, uint16_t sequence)
{
    if (stream != slot->stream || !peer_open(slot->peer) || slot->stills)
        return;
    int64_t number = sequence_skip(&slot->sequence, sequence);
    if (number >= 0)
        peer_put(engine, slot->peer,
                 &(struct outgoing){.slot = slot, .kind = OUTGOING_EMPTY, .number = number, .timestamp = (uint32_t)slot->timestamps.newest});
}

/* `number` is cut to 16 bits, as receivers name it. */
void slot_retransmit(struct engine *engine, struct slot *slot, uint16_t number)
{
    int64_t newest = slot->sequence.newest, whole = newest - (uint16_t)(newest - number);
    struct sent *sent = slot->history && whole >= 0 ? &slot->history[whole % SEQUENCE_WINDOW] : NULL;
    if (!sent || !sent->media || sent->number != whole || sent->repeats >= REPEATS || engine->now - sent->repeated_at < REPEAT)
        return;
    if (slot->codecs[sent->media->codec].repair < 0)
        return;
    sent->repeated_at = engine->now;
    sent->repeats++;
    slot->repaired++;
    peer_put(engine, slot->peer,
             &(struct outgoing){.slot = slot, .media = sent->media, .kind = OUTGOING_AGAIN, .number = ++slot->repair_sequence,
                                .original = (uint16_t)whole, .timestamp = sent->timestamp, .picture = sent->picture, .tl0 = sent->tl0});
}

bool slot_padding(struct slot *slot, struct outgoing *packet)
{
    if (!slot->repairs || slot->padding_type < 0)
        return false;
    *packet = (struct outgoing){.slot = slot, .kind = OUTGOING_PADDING, .number = ++slot->repair_sequence,
                                .timestamp = (uint32_t)slot->timestamps.newest};
    return true;
}

/* The stream it showed is not its source's any more. */
void slot_lose_stream(struct engine *engine, struct slot *slot)
{
    if (slot->stream) {
        slot->stream = NULL;
        tell(engine, slot, -1);
    }
}

static void detach(struct slot *slot)
{
    struct source *source = slot->source;
    if (source) {
        struct slot *last = source->slots[--source->count];
        source->slots[slot->place] = last;
        last->place = slot->place;
    }
    slot->source = NULL;
    slot->stream = NULL;
}

bool slot_attach(struct slot *slot, struct source *source, int layer, bool stills)
{
    if (source == slot->source) {
        if (slot->stills && !stills) { /* after stills every picture needs the one before */
            slot->stream = NULL;
            slot->binding++;
        }
    } else {
        if (source && source->count == source->room) {
            int room = source->room ? source->room * 2 : 4;
            struct slot **more = realloc(source->slots, (size_t)room * sizeof *more);
            if (!more)
                return false;
            source->slots = more;
            source->room = room;
        }
        detach(slot);
        slot->binding++;
        if (source) {
            slot->source = source;
            slot->place = source->count;
            source->slots[source->count++] = slot;
        }
    }
    slot->layer = layer;
    slot->stills = stills && slot->video;
    slot->still_known = false;
    return true;
}

void slot_free(struct engine *engine, struct slot *slot)
{
    detach(slot);
    pacer_forget(slot->peer, slot);
    for (int i = 0; slot->history && i < SEQUENCE_WINDOW; i++)
        media_release(engine, slot->history[i].media);
    free(slot->history);
    sequence_end(&slot->sequence);
    free(slot);
}
