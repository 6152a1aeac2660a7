/* How fast packets leave for one peer: video and padding at its pace, and padding to find out whether more would pass. The
   same rules as pacer.py. */
#include "core.h"

static const double PATIENCE = 0.5; /* seconds; what would wait longer is dropped */
static const double CATCH_UP = 0.02; /* seconds of sending that may be caught up at once */
static const double AHEAD = 0.005; /* seconds of sending that may leave early, in one go with what is due */
enum { OVERHEAD = 60, /* bytes of a datagram around the payload, estimated while it waits */
       LEAST = 64, MOST = 8192 };

struct pacer {
    double rate, free_at; /* bytes a second, 0: no limit; when the next packet may leave */
    struct outgoing *waiting;
    int first, count, room, bytes;
    bool probing;
    double probe_rate, probe_begun, probe_until, probe_ran;
    int64_t probe_sent;
};

static struct pacer *pacer_of(struct peer *peer)
{
    if (!peer->pacer)
        peer->pacer = calloc(1, sizeof *peer->pacer);
    return peer->pacer;
}

static int weight(const struct outgoing *packet) { return (packet->media ? packet->media->size : 0) + OVERHEAD; }

/* The one that waited longest, whose media the caller has to release; `slot` is NULL if that is gone. */
static struct outgoing next(struct pacer *pacer)
{
    struct outgoing packet = pacer->waiting[pacer->first];
    pacer->first = (pacer->first + 1) % pacer->room;
    pacer->count--;
    pacer->bytes -= weight(&packet);
    return packet;
}

static bool grow(struct pacer *pacer)
{
    int room = pacer->room ? pacer->room * 2 : LEAST;
    struct outgoing *more = room <= MOST ? malloc((size_t)room * sizeof *more) : NULL;
    if (!more)
        return false;
    for (int i = 0; i < pacer->count; i++)
        more[i] = pacer->waiting[(pacer->first + i) % pacer->room];
    free(pacer->waiting);
    pacer->waiting = more;
    pacer->first = 0;
    pacer->room = room;
    return true;
}

static void watch(struct engine *engine, struct peer *peer)
{
    if (peer->watched)
        return;
    peer->watched = true;
    peer->watched_next = engine->watched;
    engine->watched = peer;
}

static void unwatch(struct engine *engine, struct peer *peer)
{
    if (!peer->watched)
        return;
    struct peer **link = &engine->watched;
    while (*link != peer)
        link = &(*link)->watched_next;
    *link = peer->watched_next;
    peer->watched = false;
}

void peer_put(struct engine *engine, struct peer *peer, const struct outgoing *packet)
{
    struct pacer *pacer = peer->pacer;
    if (!pacer || (pacer->rate <= 0 && !pacer->count) || peer->tap || !packet->slot->video) {
        slot_leave(engine, packet);
        return;
    }
    if (!pacer->count && pacer->free_at <= engine->now + AHEAD) {
        double from = engine->now - CATCH_UP > pacer->free_at ? engine->now - CATCH_UP : pacer->free_at;
        pacer->free_at = from + slot_leave(engine, packet) / pacer->rate;
        return;
    }
    if (pacer->count == pacer->room && !grow(pacer)) {
        if (!pacer->count)
            return;
        media_release(engine, next(pacer).media);
    }
    pacer->waiting[(pacer->first + pacer->count++) % pacer->room] = *packet;
    pacer->bytes += weight(packet);
    if (packet->media)
        packet->media->references++;
    while (pacer->rate > 0 && pacer->count && pacer->bytes > pacer->rate * PATIENCE)
        media_release(engine, next(pacer).media);
    watch(engine, peer);
}

static void run(struct engine *engine, struct pacer *pacer)
{
    if (pacer->free_at < engine->now - CATCH_UP)
        pacer->free_at = engine->now - CATCH_UP;
    while (pacer->count && (pacer->rate <= 0 || pacer->free_at <= engine->now + AHEAD)) {
        struct outgoing packet = next(pacer);
        int size = packet.slot ? slot_leave(engine, &packet) : 0;
        if (pacer->rate > 0)
            pacer->free_at += size / pacer->rate;
        media_release(engine, packet.media);
    }
}

static void fill(struct engine *engine, struct peer *peer, struct pacer *pacer)
{
    if (engine->now > pacer->probe_until) {
        pacer->probing = false;
        return;
    }
    double passed = engine->now - pacer->probe_ran < CATCH_UP ? engine->now - pacer->probe_ran : CATCH_UP;
    double lacks = pacer->probe_rate * (engine->now - pacer->probe_begun) - (double)(peer->traffic.sent - pacer->probe_sent);
    double most = pacer->probe_rate * (passed + 0.005);
    pacer->probe_ran = engine->now;
    if (lacks > most)
        lacks = most;
    struct slot *slot = peer->slots;
    while (slot && !slot->repairs)
        slot = slot->next;
    struct outgoing packet;
    while (lacks > 0 && slot && (pacer->rate <= 0 || (!pacer->count && pacer->free_at <= engine->now)) && slot_padding(slot, &packet)) {
        int64_t before = peer->traffic.sent;
        peer_put(engine, peer, &packet);
        if (peer->traffic.sent == before)
            return;
        lacks -= (double)(peer->traffic.sent - before);
    }
}

/* Lets leave what is due. Whether anything is left to come back for. */
bool pacers_run(struct engine *engine)
{
    struct peer **link = &engine->watched;
    while (*link) {
        struct peer *peer = *link;
        run(engine, peer->pacer);
        if (peer->pacer->probing)
            fill(engine, peer, peer->pacer);
        if (peer->pacer->count || peer->pacer->probing) {
            link = &peer->watched_next;
        } else {
            *link = peer->watched_next;
            peer->watched = false;
        }
    }
    return engine->watched != NULL;
}

bool peer_set_pace(struct engine *engine, struct peer *peer, int kbps)
{
    engine_lock(engine);
    struct pacer *pacer = pacer_of(peer);
    if (pacer) {
        pacer->rate = kbps * 125.0;
        if (pacer->count) {
            engine->paced_anew = true;
            engine_wake(engine);
        }
    }
    engine_unlock(engine);
    return pacer != NULL;
}

bool peer_probe(struct engine *engine, struct peer *peer, int kbps, double seconds)
{
    engine_lock(engine);
    struct pacer *pacer = pacer_of(peer);
    if (pacer) {
        double now = clock_now();
        pacer->probing = true;
        pacer->probe_rate = kbps * 125.0;
        pacer->probe_begun = pacer->probe_ran = now;
        pacer->probe_until = now + seconds;
        pacer->probe_sent = peer->traffic.sent;
        watch(engine, peer);
        engine_wake(engine);
    }
    engine_unlock(engine);
    return pacer != NULL;
}

void pacer_forget(struct peer *peer, const struct slot *slot)
{
    struct pacer *pacer = peer->pacer;
    for (int i = 0; pacer && i < pacer->count; i++) {
        struct outgoing *packet = &pacer->waiting[(pacer->first + i) % pacer->room];
        if (packet->slot == slot)
            packet->slot = NULL;
    }
}

void pacer_end(struct engine *engine, struct peer *peer)
{
    struct pacer *pacer = peer->pacer;
    if (!pacer)
        return;
    unwatch(engine, peer);
    while (pacer->count)
        media_release(engine, next(pacer).media);
    free(pacer->waiting);
    free(pacer);
    peer->pacer = NULL;
}
