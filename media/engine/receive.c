/* From a datagram to the slots it is for. Everything here is a stranger's until SRTP has vouched for it, and untrusted after. */
#include "bytes.h"
#include "core.h"

static bool value_is(const uint8_t *data, const struct value *value, const char *name)
{
    return value->size == strlen(name) && memcmp(data + value->at, name, value->size) == 0;
}

static void stream_free(struct stream *stream)
{
    free(stream->missing);
    free(stream);
}

static void forget(struct peer *peer, const struct stream *stream)
{
    int kept = 0;
    for (int i = 0; i < peer->known_count; i++)
        if (peer->known[i].stream != stream)
            peer->known[kept++] = peer->known[i];
    peer->known_count = kept;
}

/* Its SSRC may come back as another stream; slots that showed it show nothing. */
static void stream_remove(struct engine *engine, struct stream *stream)
{
    struct source *source = stream->source;
    for (int i = 0; i < source->count; i++)
        if (source->slots[i]->stream == stream)
            slot_lose_stream(engine, source->slots[i]);
    forget(source->peer, stream);
    source->streams[stream->layer] = NULL;
    stream_free(stream);
}

void source_free(struct engine *engine, struct source *source)
{
    for (int layer = 0; layer < source->layers; layer++)
        if (source->streams[layer])
            stream_remove(engine, source->streams[layer]);
    while (source->count)
        slot_attach(source->slots[0], NULL, 0, false);
    free(source->slots);
    free(source);
}

const struct known *stream_learn(struct engine *engine, struct source *source, int layer, uint32_t ssrc, bool repair)
{
    struct peer *peer = source->peer;
    struct stream *stream = source->streams[layer];
    if (repair) {
        if (!stream) /* nothing yet that it could repair */
            return NULL;
    } else {
        if (stream) {
            forward_arrivals(engine); /* they came before */
            stream_remove(engine, stream);
        }
        stream = calloc(1, sizeof *stream);
        if (!stream)
            return NULL;
        stream->source = source;
        stream->layer = layer;
        stream->ssrc = ssrc;
        stream->newest = -1;
        source->streams[layer] = stream;
    }
    struct known *known = NULL;
    for (int i = 0; i < peer->known_count && !known; i++)
        if (peer->known[i].ssrc == ssrc)
            known = &peer->known[i];
    if (!known && peer->known_count == SRTP_STREAMS) { /* the oldest has to go */
        memmove(peer->known, peer->known + 1, sizeof peer->known - sizeof *peer->known);
        peer->known_count--;
    }
    known = known ? known : &peer->known[peer->known_count++];
    *known = (struct known){ssrc, repair, stream};
    return known;
}

/* The source and layer of an SSRC seen for the first time: by MID and RID, or, without a MID, by the payload type if only
   one section uses it. */
static const struct known *recognise(struct engine *engine, struct peer *peer, const struct rtp *rtp, const uint8_t *data)
{
    const struct value *mid = &rtp->values[peer->up.mid];
    struct source *source = NULL;
    int users = 0;
    for (struct source *candidate = peer->sources; candidate; candidate = candidate->next) {
        bool uses = candidate->codecs[rtp->payload_type] >= 0 || candidate->repairs[rtp->payload_type] >= 0;
        if (!candidate->replaced && (mid->size ? value_is(data, mid, candidate->spec.mid) : uses)) {
            source = candidate;
            users++;
        }
    }
    if (users != 1)
        return NULL;
    bool repair = source->repairs[rtp->payload_type] >= 0;
    if (!repair && source->codecs[rtp->payload_type] < 0)
        return NULL;
    int layer = 0;
    if (source->spec.layers) {
        const struct value *rid = &rtp->values[repair ? peer->up.repaired_rid : peer->up.rid];
        while (layer < source->layers && !value_is(data, rid, source->spec.rids[layer]))
            layer++;
        if (layer == source->layers)
            return NULL;
    }
    return stream_learn(engine, source, layer, rtp->ssrc, repair);
}

const struct known *stream_find(const struct peer *peer, uint32_t ssrc)
{
    for (int i = 0; i < peer->known_count; i++)
        if (peer->known[i].ssrc == ssrc)
            return &peer->known[i];
    return NULL;
}

static void carry(uint8_t to[16], uint8_t *size, const uint8_t *data, const struct value *value)
{
    *size = value->size <= 16 ? (uint8_t)value->size : 0;
    memcpy(to, data + value->at, *size);
}

/* The payload as slots send it on. */
static struct media *capture(struct engine *engine, const struct peer *peer, const struct rtp *rtp, const uint8_t *data, const uint8_t *payload,
                             int size, const struct vp8 *vp8)
{
    bool widen = vp8 && vp8->picture_bits == 7;
    struct media *media = media_new(engine, size + widen);
    if (!media)
        return NULL;
    uint8_t *to = media->data + 2;
    media->picture = media->tl0 = -1;
    media->picture_at = media->tl0_at = 0;
    if (vp8 && (vp8->picture >= 0 || vp8->tl0 >= 0)) {
        int at = 2, from = 2;
        memcpy(to, payload, 2);
        if (vp8->picture >= 0) {
            media->picture_at = (uint8_t)at;
            at += 2;
            from += vp8->picture_bits == 7 ? 1 : 2;
        }
        if (vp8->tl0 >= 0)
            media->tl0_at = (uint8_t)at;
        memcpy(to + at, payload + from, (size_t)(size - from));
        media->picture = (int16_t)vp8->picture;
        media->tl0 = (int16_t)vp8->tl0;
        media->picture_bits = (uint8_t)vp8->picture_bits;
    } else {
        memcpy(to, payload, (size_t)size);
    }
    media->marker = rtp->marker;
    media->timestamp = rtp->timestamp;
    media->at = engine->arrived;
    carry(media->level, &media->level_size, data, &rtp->values[peer->up.audio_level]);
    carry(media->orientation, &media->orientation_size, data, &rtp->values[peer->up.orientation]);
    return media;
}

/* False if it is not what it claims to be. */
static bool on_rtp(struct engine *engine, struct peer *peer, const uint8_t *data, int size)
{
    struct rtp rtp;
    struct vp8 vp8;
    if (!rtp_parse(&rtp, data, size))
        return false;
    const struct value *transport = &rtp.values[peer->up.transport_sequence];
    if (transport->size == 2)
        feedback_arrived(peer, get16(data + transport->at), engine->arrived, rtp.ssrc);
    const struct known *known = stream_find(peer, rtp.ssrc);
    known = known ? known : recognise(engine, peer, &rtp, data);
    if (!known)
        return true;
    struct stream *stream = known->stream;
    struct source *source = stream->source;
    const uint8_t *payload = data + rtp.payload;
    int length = rtp.end - rtp.payload;
    bool repaired = known->repair;
    int codec = (repaired ? source->repairs : source->codecs)[rtp.payload_type];
    if (codec < 0) /* payload type of another section */
        return false;
    if (repaired) {
        if (!length) /* a probe: it has no place in the stream */
            return true;
        if (length < 2)
            return false;
        rtp.sequence = get16(payload);
        payload += 2;
        length -= 2;
        if (!length)
            return true;
    }
    if (codec == CODEC_VP8 && length && !vp8_parse(&vp8, payload, length))
        return false;
    stream_count(stream, &rtp, length, repaired, engine->arrived);
    struct arrival arrival = {.stream = stream, .sequence = rtp.sequence};
    if (length) {
        const struct value *level = &rtp.values[peer->up.audio_level];
        stream->media_at = engine->now;
        if (level->size && codec == CODEC_OPUS) {
            source->voice_packets++;
            source->voice_sum += data[level->at] & 127;
            source->voice_at = engine->now;
        }
        if (!source->live[stream->layer])
            event_put(engine, (struct event){.kind = EVENT_LAYER, .id = source->id, .value = stream->layer, .detail = true}, NULL, true);
        source->live[stream->layer] = engine->now;
        if (source->count)
            arrival.media = capture(engine, peer, &rtp, data, payload, length, codec == CODEC_VP8 ? &vp8 : NULL);
        if (!arrival.media)
            return true;
        arrival.media->codec = (uint8_t)codec;
        arrival.media->sequence = rtp.sequence;
        arrival.media->repaired = repaired;
        arrival.media->key = codec == CODEC_OPUS || (codec == CODEC_VP8 ? vp8.key : h264_starts(payload, length));
    }
    if (source->count)
        engine->arrivals[engine->arrival_count++] = arrival;
    return true;
}

/* All packets of one source go to a slot before the next slot has its turn: what one receiver gets stays together. */
static void forward_kind(struct engine *engine, bool audio)
{
    for (int first = 0; first < engine->arrival_count; first++) {
        if (!engine->arrivals[first].stream || engine->arrivals[first].stream->source->audio != audio)
            continue;
        struct source *source = engine->arrivals[first].stream->source;
        struct arrival *run[BATCH];
        int count = 0;
        for (int i = first; i < engine->arrival_count; i++)
            if (engine->arrivals[i].stream && engine->arrivals[i].stream->source == source)
                run[count++] = &engine->arrivals[i];
        for (int place = 0; place < source->count; place++) {
            struct slot *slot = source->slots[place];
            if (place + 1 < source->count)
                slot_prepare(source->slots[place + 1]);
            for (int i = 0; i < count; i++)
                if (run[i]->media)
                    slot_forward(engine, slot, run[i]->stream, run[i]->media);
                else
                    slot_skip(engine, slot, run[i]->stream, run[i]->sequence);
        }
        for (int i = 0; i < count; i++) {
            media_release(engine, run[i]->media);
            run[i]->stream = NULL;
        }
    }
}

/* Voices last: they are short, and a shorter datagram may end a message (out.c). */
void forward_arrivals(struct engine *engine)
{
    forward_kind(engine, false);
    forward_kind(engine, true);
    engine->arrival_count = 0;
}

void receive_datagram(struct engine *engine, uint8_t *data, int size, const struct sockaddr_storage *from)
{
    struct address address;
    if (size < 1)
        return;
    address_from_socket(from, &address);
    if (data[0] >= 128 && data[0] <= 191) { /* RFC 7983 */
        struct peer *peer = address_owner(engine, &address);
        if (!peer || !peer->in || size < 12)
            return;
        bool control = data[1] >= 192 && data[1] <= 223; /* RFC 5761 */
        int plain = control ? srtcp_unprotect(peer->in, data, size) : srtp_unprotect(peer->in, data, size);
        if (plain < 0) {
            peer->traffic.refused++;
            return;
        }
        peer->traffic.received += size;
        peer->traffic.heard_at = engine->now;
        if (control)
            rtcp_arrived(engine, peer, data, plain);
        else
            peer->traffic.refused += !on_rtp(engine, peer, data, plain);
    } else if (data[0] < 4 || (data[0] >= 20 && data[0] <= 63)) {
        if (data[0] >= 4 || !consent_heard(engine, data, size, &address))
            event_put(engine, (struct event){.kind = EVENT_DATAGRAM, .size = (uint32_t)size, .from = address}, data, true);
    }
}
