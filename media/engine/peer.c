/* Peers, sources and slots come and go: what Python asks for, under the lock. */
#include "bytes.h"
#include "core.h"

bool peer_open(const struct peer *peer) { return peer->tap || (peer->out && peer->reachable); }

struct peer *peer_add(struct engine *engine, int64_t id, uint32_t ssrc, bool tap)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer)
        return NULL;
    peer->id = id;
    peer->ssrc = ssrc;
    peer->tap = tap;
    engine_lock(engine);
    peer->next = engine->peers;
    peer->link = &engine->peers;
    if (peer->next)
        peer->next->link = &peer->next;
    engine->peers = peer;
    engine_unlock(engine);
    return peer;
}

static void delete_slot(struct engine *engine, struct slot *slot)
{
    struct peer *peer = slot->peer;
    struct slot **link = &peer->slots;
    while (*link != slot)
        link = &(*link)->next;
    *link = slot->next;
    struct retired *more = realloc(peer->retired, (size_t)(peer->retired_count + 2) * sizeof *more);
    if (more) {
        peer->retired = more;
        more[peer->retired_count++] = (struct retired){slot->ssrc, slot->base, slot->sequence.newest + 1};
        if (slot->repairs)
            more[peer->retired_count++] = (struct retired){slot->repair_ssrc, slot->repair_base, slot->repair_sequence + 1};
    }
    slot_free(engine, slot);
}

static void delete_source(struct engine *engine, struct source *source)
{
    struct source **link = &source->peer->sources;
    while (*link != source)
        link = &(*link)->next;
    *link = source->next;
    *source->link = source->later;
    if (source->later)
        source->later->link = source->link;
    source_free(engine, source);
}

void peer_delete(struct engine *engine, struct peer *peer)
{
    while (peer->slots)
        delete_slot(engine, peer->slots);
    while (peer->sources)
        delete_source(engine, peer->sources);
    address_drop_all(engine, peer);
    pacer_end(engine, peer);
    *peer->link = peer->next;
    if (peer->next)
        peer->next->link = peer->link;
    srtp_free(peer->in);
    srtp_free(peer->out);
    log_free(peer->log);
    free(peer->feedback);
    free(peer->retired);
    free(peer);
}

void peer_remove(struct engine *engine, struct peer *peer)
{
    engine_lock(engine);
    peer_delete(engine, peer);
    event_flush(engine);
    engine_unlock(engine);
}

static uint8_t usable(uint8_t id) { return id < 15 ? id : 0; } /* what the one-byte form can name (RFC 8285, 4.2) */

static struct extensions usable_all(const struct extensions *ids)
{
    return (struct extensions){usable(ids->mid),         usable(ids->rid),           usable(ids->repaired_rid),      usable(ids->audio_level),
                               usable(ids->orientation), usable(ids->abs_send_time), usable(ids->transport_sequence)};
}

void peer_set_extensions(struct engine *engine, struct peer *peer, const struct extensions *up, const struct extensions *down)
{
    engine_lock(engine);
    peer->up = usable_all(up);
    peer->down = usable_all(down);
    if (peer->down.transport_sequence && !peer->log)
        peer->log = log_new();
    engine_unlock(engine);
}

/* What its slots were not sent meanwhile cannot be made up for. */
static void opened(struct engine *engine, struct peer *peer, bool before)
{
    if (peer_open(peer) && !before)
        for (struct slot *slot = peer->slots; slot; slot = slot->next)
            slot_lose_stream(engine, slot);
    event_flush(engine);
}

/* The same keys again change nothing: their numbers have been used. Under others every rollover counter begins anew. */
bool peer_set_keys(struct engine *engine, struct peer *peer, int profile, const uint8_t *receive, const uint8_t *send, size_t size)
{
    struct srtp *in = srtp_new(profile, receive, size), *out = srtp_new(profile, send, size);
    bool good = in && out;
    engine_lock(engine);
    if (good && !(peer->out && peer->profile == profile && memcmp(peer->keys, receive, size) == 0 &&
                  memcmp(peer->keys + SRTP_KEY, send, size) == 0)) {
        struct srtp *old_in = peer->in, *old_out = peer->out;
        bool before = peer_open(peer);
        peer->in = in;
        peer->out = out;
        in = old_in;
        out = old_out;
        peer->profile = profile;
        memcpy(peer->keys, receive, size);
        memcpy(peer->keys + SRTP_KEY, send, size);
        for (struct slot *slot = peer->slots; slot; slot = slot->next) {
            slot->base = (slot->sequence.newest + 1) >> 16;
            slot->repair_base = (slot->repair_sequence + 1) >> 16;
        }
        for (int i = 0; i < peer->retired_count; i++)
            peer->retired[i].base = peer->retired[i].next >> 16;
        opened(engine, peer, before);
    }
    engine_unlock(engine);
    srtp_free(in);
    srtp_free(out);
    return good;
}

bool peer_admit(struct engine *engine, struct peer *peer, const struct address *address)
{
    engine_lock(engine);
    bool done = address_put(engine, address, peer);
    engine_unlock(engine);
    return done;
}

void peer_expel(struct engine *engine, const struct address *address)
{
    engine_lock(engine);
    address_drop(engine, address);
    engine_unlock(engine);
}

/* NULL: it cannot be reached. */
void peer_set_address(struct engine *engine, struct peer *peer, const struct address *address)
{
    engine_lock(engine);
    bool before = peer_open(peer);
    peer->reachable = address != NULL;
    if (address)
        peer->address_size = address_to_socket(engine, address, &peer->address);
    opened(engine, peer, before);
    engine_unlock(engine);
}

/* False if one is longer than there is room for. */
bool peer_set_consent(struct engine *engine, struct peer *peer, const char *ufrag, const char *password)
{
    if (strlen(ufrag) >= sizeof peer->ufrag || strlen(password) >= sizeof peer->password)
        return false;
    engine_lock(engine);
    strcpy(peer->ufrag, ufrag);
    strcpy(peer->password, password);
    engine_unlock(engine);
    return true;
}

void peer_set_rtt(struct engine *engine, struct peer *peer, double seconds)
{
    engine_lock(engine);
    peer->rtt = seconds;
    engine_unlock(engine);
}

void peer_traffic(struct engine *engine, const struct peer *peer, struct traffic *traffic)
{
    engine_lock(engine);
    *traffic = peer->traffic;
    engine_unlock(engine);
}

bool peer_delivery(struct engine *engine, struct peer *peer, struct delivery *delivery)
{
    engine_lock(engine);
    bool any = peer->log && log_take(peer->log, delivery, clock_now());
    engine_unlock(engine);
    return any;
}

/* Seals and sends at once. Too much for a datagram is dropped. */
void peer_rtcp(struct engine *engine, struct peer *peer, const uint8_t *data, int size)
{
    uint8_t packet[LARGEST + SRTP_GROWTH];
    if (peer->tap || !peer_open(peer) || size > LARGEST)
        return;
    memcpy(packet, data, (size_t)size);
    int sealed = srtcp_protect(peer->out, packet, size);
    if (sealed < 0)
        return;
    peer->traffic.sent += sealed;
    sendto(engine->socket, packet, (size_t)sealed, MSG_DONTWAIT, (struct sockaddr *)&peer->address, peer->address_size);
}

void peer_send_rtcp(struct engine *engine, struct peer *peer, const uint8_t *data, size_t size)
{
    engine_lock(engine);
    if (size <= LARGEST)
        peer_rtcp(engine, peer, data, (int)size);
    engine_unlock(engine);
}

static bool codec_good(const struct codec *codec)
{
    return codec->name >= 0 && codec->name < CODECS && codec->payload_type >= 0 && codec->payload_type < 128 && codec->repair < 128;
}

static bool codecs_good(const struct codec *codecs, int count)
{
    if (count < 1 || count > 16)
        return false;
    for (int i = 0; i < count; i++)
        if (!codec_good(&codecs[i]))
            return false;
    return true;
}

struct source *source_add(struct engine *engine, int64_t id, struct peer *peer, const struct source_spec *spec)
{
    if (!codecs_good(spec->codecs, spec->codec_count) || spec->layers < 0 || spec->layers > LAYERS)
        return NULL;
    struct source *source = calloc(1, sizeof *source);
    if (!source)
        return NULL;
    source->id = id;
    source->peer = peer;
    source->spec = *spec;
    source->layers = spec->layers ? spec->layers : 1;
    source->audio = spec->codecs[0].name == CODEC_OPUS;
    memset(source->codecs, -1, sizeof source->codecs);
    memset(source->repairs, -1, sizeof source->repairs);
    for (int i = 0; i < spec->codec_count; i++) {
        source->codecs[spec->codecs[i].payload_type] = (int8_t)spec->codecs[i].name;
        if (spec->codecs[i].repair >= 0)
            source->repairs[spec->codecs[i].repair] = (int8_t)spec->codecs[i].name;
    }
    engine_lock(engine);
    for (struct source *other = peer->sources; other; other = other->next)
        other->replaced |= strcmp(other->spec.mid, spec->mid) == 0;
    source->next = peer->sources;
    peer->sources = source;
    source->later = engine->sources;
    source->link = &engine->sources;
    if (source->later)
        source->later->link = &source->later;
    engine->sources = source;
    if (spec->named && stream_learn(engine, source, 0, spec->ssrc, false) && spec->repair_named)
        stream_learn(engine, source, 0, spec->repair_ssrc, true);
    engine_unlock(engine);
    return source;
}

void source_remove(struct engine *engine, struct source *source)
{
    engine_lock(engine);
    delete_source(engine, source);
    event_flush(engine);
    engine_unlock(engine);
}

int source_streams(struct engine *engine, const struct source *source, struct stream_state states[LAYERS])
{
    int count = 0;
    engine_lock(engine);
    for (int layer = 0; layer < source->layers; layer++) {
        const struct stream *s = source->streams[layer];
        if (!s || !s->packets)
            continue;
        int64_t expected = s->highest - s->first + 1;
        states[count++] = (struct stream_state){.layer = layer, .ssrc = s->ssrc, .packets = s->packets, .octets = s->octets, .highest = s->highest,
                                                .expected = expected, .lost = expected - s->packets, .jitter = (int64_t)s->jitter,
                                                .asked = s->asked, .repaired = s->repaired, .media_at = s->media_at,
                                                .sender_report = s->sender_report, .sender_report_at = s->sender_report_at};
    }
    engine_unlock(engine);
    return count;
}

/* Each is told once; those that find no room stay for the next call. */
size_t engine_voices(struct engine *engine, struct voice *voices, size_t most)
{
    size_t count = 0;
    engine_lock(engine);
    for (struct source *source = engine->sources; source && count < most; source = source->later)
        if (source->voice_packets) {
            voices[count++] = (struct voice){source->id, source->voice_packets, source->voice_sum / (double)source->voice_packets, source->voice_at};
            source->voice_packets = 0;
            source->voice_sum = 0;
        }
    engine_unlock(engine);
    return count;
}

/* Where an SSRC begins: if the peer's keys have protected it before, where it stopped. */
static int64_t begin(const struct peer *peer, uint32_t ssrc, uint32_t first, int64_t *base)
{
    *base = 0;
    for (int i = peer->retired_count - 1; i >= 0; i--)
        if (peer->retired[i].ssrc == ssrc) {
            *base = peer->retired[i].base;
            return peer->retired[i].next;
        }
    return first & 0x7FFF;
}

struct slot *slot_add(struct engine *engine, int64_t id, struct peer *peer, const struct slot_spec *spec)
{
    if (!codecs_good(spec->codecs, spec->codec_count))
        return NULL;
    struct slot *slot = calloc(1, sizeof *slot);
    if (!slot)
        return NULL;
    slot->id = id;
    slot->peer = peer;
    slot->ssrc = spec->ssrc;
    slot->repair_ssrc = spec->repair_ssrc;
    slot->repairs = spec->repairs;
    slot->transport = spec->transport;
    slot->mid_size = (int)strnlen(spec->mid, 16);
    memcpy(slot->mid, spec->mid, sizeof slot->mid);
    slot->first = spec->codecs[0];
    slot->video = slot->first.name != CODEC_OPUS;
    slot->padding_type = -1;
    for (int i = 0; i < CODECS; i++)
        slot->codecs[i].payload_type = slot->codecs[i].repair = -1;
    for (int i = 0; i < spec->codec_count; i++) {
        slot->codecs[spec->codecs[i].name] = spec->codecs[i];
        if (slot->padding_type < 0)
            slot->padding_type = spec->codecs[i].repair;
    }
    if (!slot->repairs)
        slot->padding_type = -1;
    timestamps_begin(&slot->timestamps, spec->first_timestamp & 0x7FFFFFFF, slot->video ? 90000 : 48000);
    engine_lock(engine);
    bool taken = false;
    for (struct slot *other = peer->slots; other; other = other->next)
        taken |= other->ssrc == spec->ssrc || (other->repairs && other->repair_ssrc == spec->ssrc) ||
                 (spec->repairs && (other->ssrc == spec->repair_ssrc || (other->repairs && other->repair_ssrc == spec->repair_ssrc)));
    if (!taken && !(spec->repairs && spec->repair_ssrc == spec->ssrc)) { /* two owners of one SSRC would repeat nonces */
        sequence_begin(&slot->sequence, begin(peer, spec->ssrc, spec->first_sequence, &slot->base));
        slot->repair_sequence = begin(peer, spec->repair_ssrc, spec->first_repair, &slot->repair_base) - 1;
        slot->next = peer->slots;
        peer->slots = slot;
    } else {
        free(slot);
        slot = NULL;
    }
    engine_unlock(engine);
    return slot;
}

void slot_remove(struct engine *engine, struct slot *slot)
{
    engine_lock(engine);
    delete_slot(engine, slot);
    engine_unlock(engine);
}

/* `source` NULL: it falls silent. The number of the binding that events carry, -1 without memory. */
int64_t slot_bind(struct engine *engine, struct slot *slot, struct source *source, int layer, bool stills)
{
    engine_lock(engine);
    int64_t binding = slot_attach(slot, source, layer, stills) ? (int64_t)slot->binding : -1;
    engine_unlock(engine);
    return binding;
}

void slot_state(struct engine *engine, const struct slot *slot, struct slot_state *state)
{
    engine_lock(engine);
    *state = (struct slot_state){.layer = slot->stream ? slot->stream->layer : -1, .packets = slot->packets, .octets = slot->octets,
                                 .timestamp = slot->timestamps.newest, .repaired = slot->repaired, .at = slot->timestamps.at,
                                 .report = slot->report};
    engine_unlock(engine);
}
