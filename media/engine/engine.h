/* The native packet engine: `media.engine.Engine` as C functions, bound by native.py through cffi, which reads the
   declarations below this line. What they mean is said there; times are seconds of CLOCK_MONOTONIC. Objects are named by pointers
   that their owner keeps until it removes them; `id` is what events carry. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine;
struct peer;
struct source;
struct slot;

/* IPv4 is mapped into IPv6. */
struct address {
    uint8_t ip[16];
    uint32_t scope;
    uint16_t port, unused;
};

enum { CODEC_OPUS, CODEC_VP8, CODEC_H264, CODECS };
enum { LAYERS = 8, NAME = 16 }; /* most layers of one source; longest MID or RID */

struct codec {
    int name, payload_type, repair; /* payload types are -1 where there is none */
};

struct extensions {
    uint8_t mid, rid, repaired_rid, audio_level, orientation, abs_send_time, transport_sequence;
};

struct source_spec {
    char mid[17];
    int codec_count, layers; /* 0 layers: no simulcast */
    struct codec codecs[16];
    char rids[8][17];
    bool named, repair_named; /* whether the offer named these */
    uint32_t ssrc, repair_ssrc;
};

struct slot_spec {
    char mid[17];
    int codec_count;
    struct codec codecs[16];
    bool repairs, transport;
    uint32_t ssrc, repair_ssrc;
    /* where its numbers begin; random, in the lower half, so that a receiver finds the rollover counter */
    uint32_t first_sequence, first_timestamp, first_repair;
};

struct stream_state {
    int layer;
    uint32_t ssrc;
    int64_t packets, octets, highest, expected, lost, jitter, asked, repaired;
    double media_at;
    uint32_t sender_report;
    double sender_report_at;
};

/* What a receiver says of one stream, as it says it (RFC 3550, 6.4.1). */
struct report {
    uint32_t ssrc;
    int fraction, lost;
    uint32_t highest, jitter, last_sender_report, delay;
    double at; /* when it came, 0 before the first */
};

struct slot_state {
    int layer; /* -1: none */
    int64_t packets, octets, timestamp, repaired;
    double at;
    struct report report;
};

struct traffic {
    int64_t received, sent, refused;
    double heard_at;
};

struct voice {
    int64_t source, packets;
    double level, at;
};

struct delivery {
    int64_t packets, lost, octets;
    double span, delay;
};

enum { EVENT_DATAGRAM, EVENT_RTCP, EVENT_LAYER, EVENT_SHOWS, EVENT_TAPPED };

/* What the engine has to say, followed by `size` bytes and as many as bring the next one to a multiple of 8. */
struct event {
    uint32_t kind, size;
    int64_t id;        /* peer, source or slot */
    int32_t value;     /* layer, -1: none */
    uint32_t detail;   /* live; which binding of a slot, as slot_bind counts */
    struct address from;
    double at; /* when RTCP came */
};

/* NULL with errno. */
struct engine *engine_open(const struct address *host, bool ipv6);
int engine_port(const struct engine *engine);
bool engine_start(struct engine *engine);
void engine_close(struct engine *engine);

/* A descriptor that becomes readable when there are events. */
int engine_events_fd(const struct engine *engine);
/* Moves whole events into `buffer`; how many bytes. 0: none left, and the descriptor is quiet. */
size_t engine_events(struct engine *engine, uint8_t *buffer, size_t size);
/* Events dropped because nobody took them. */
int64_t engine_events_lost(const struct engine *engine);

struct peer *peer_add(struct engine *engine, int64_t id, uint32_t ssrc, bool tap);
void peer_remove(struct engine *engine, struct peer *peer);
void peer_set_extensions(struct engine *engine, struct peer *peer, const struct extensions *up, const struct extensions *down);
bool peer_set_keys(struct engine *engine, struct peer *peer, int profile, const uint8_t *receive, const uint8_t *send, size_t size);
bool peer_admit(struct engine *engine, struct peer *peer, const struct address *address);
void peer_expel(struct engine *engine, const struct address *address);
void peer_set_address(struct engine *engine, struct peer *peer, const struct address *address);
bool peer_set_consent(struct engine *engine, struct peer *peer, const char *ufrag, const char *password);
void peer_set_rtt(struct engine *engine, struct peer *peer, double seconds);
bool peer_set_pace(struct engine *engine, struct peer *peer, int kbps);
bool peer_probe(struct engine *engine, struct peer *peer, int kbps, double seconds);
void peer_traffic(struct engine *engine, const struct peer *peer, struct traffic *traffic);
bool peer_delivery(struct engine *engine, struct peer *peer, struct delivery *delivery);

struct source *source_add(struct engine *engine, int64_t id, struct peer *peer, const struct source_spec *spec);
void source_remove(struct engine *engine, struct source *source);
int source_streams(struct engine *engine, const struct source *source, struct stream_state states[8]);
size_t engine_voices(struct engine *engine, struct voice *voices, size_t most);

struct slot *slot_add(struct engine *engine, int64_t id, struct peer *peer, const struct slot_spec *spec);
void slot_remove(struct engine *engine, struct slot *slot);
int64_t slot_bind(struct engine *engine, struct slot *slot, struct source *source, int layer, bool stills);
void slot_state(struct engine *engine, const struct slot *slot, struct slot_state *state);

void peer_send_rtcp(struct engine *engine, struct peer *peer, const uint8_t *data, size_t size);
void engine_send(struct engine *engine, const uint8_t *data, size_t size, const struct address *address);
