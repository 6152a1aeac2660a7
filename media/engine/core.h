/* What the parts of the engine share. One thread reads and sends; it holds `lock` while it looks at peers, sources and slots,
   and so does every call from outside, which only copies. */
#pragma once
#include "engine.h"
#include "rewrite.h"
#include "rtp.h"
#include "srtp.h"
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    LARGEST = 2048,    /* bytes of a datagram we read; nothing on an Ethernet is larger */
    ROOM = 2304,       /* bytes one we send may take: the largest with our header and its protection */
    BATCH = 64,        /* datagrams read at once */
    OUT_MESSAGES = 256, /* messages in one sendmmsg */
    OUT_DATAGRAMS = 1024,
    OUT_BYTES = 512 << 10,
    SEGMENTS = 48,     /* datagrams of one message with GSO; the kernel takes 64 and 65507 bytes */
    SEGMENTED = 60000,
    EVENT_BYTES = 1 << 20 /* of the ring to Python */
};

/* A received packet's payload as slots send it on, and what they need to know of it; shared by all that may send it again.
   In `data` two bytes are left for the number RTX puts before it. A VP8 descriptor has its widest form, so that new counters
   go in place. */
struct media {
    struct media *next;
    uint32_t references, timestamp;
    uint16_t room, size, sequence;
    uint8_t codec, level_size, orientation_size, picture_at, tl0_at, picture_bits;
    bool marker, key, repaired;
    int16_t picture, tl0;
    double at;
    uint8_t level[16], orientation[16];
    uint8_t data[];
};

struct missing; /* numbers a stream lacks */

/* One SSRC of a source. A layer that comes back under another SSRC is another stream. */
struct stream {
    struct source *source;
    int layer;
    uint32_t ssrc, transit, sender_report;
    int64_t packets, octets, first, highest, asked, repaired;
    int32_t newest; /* the newest number, -1 before the first: from here holes are counted */
    double jitter, media_at, sender_report_at;
    struct missing *missing;
};

struct source {
    struct source *next; /* of the peer */
    struct source *later; /* of the engine */
    struct source **link; /* what points to this one in the engine's list */
    struct peer *peer;
    int64_t id;
    struct source_spec spec;
    int8_t codecs[128], repairs[128]; /* by payload type; -1: not this source's */
    struct stream *streams[LAYERS];
    double live[LAYERS]; /* when the last packet of media came; 0: it counts as not sent */
    int layers;
    bool audio, replaced; /* replaced: by another of the same MID */
    struct slot **slots;
    int count, room;
    int64_t voice_packets;
    double voice_sum, voice_at;
};

/* A packet a slot sent and may be asked for again. */
struct sent {
    struct media *media;
    int64_t number;
    uint32_t timestamp;
    int16_t picture;
    uint8_t tl0, repeats;
    double repeated_at;
};

/* A packet on its way out, still without what depends on when it leaves. */
struct outgoing {
    struct slot *slot;
    struct media *media;
    int64_t number; /* on its SSRC, not wrapped */
    uint32_t timestamp;
    int16_t picture;
    uint16_t original; /* OUTGOING_AGAIN: the number it had */
    uint8_t tl0, kind;
};

enum { OUTGOING_MEDIA, OUTGOING_EMPTY, OUTGOING_AGAIN, OUTGOING_PADDING };
enum { PADDING = 255 }; /* bytes of a probe */

struct slot {
    struct slot *next; /* of the peer */
    struct peer *peer;
    struct source *source;
    struct stream *stream; /* the one passing through, of `source` */
    int64_t id;
    int layer, place; /* place: in source->slots */
    uint32_t binding;
    bool stills, still_known, video, repairs, transport;
    uint32_t ssrc, repair_ssrc, still_timestamp;
    struct codec codecs[CODECS];
    struct codec first; /* for packets without a payload */
    int padding_type;   /* the first that repairs, -1 if none does */
    uint8_t mid[17];
    int mid_size;
    struct sequence sequence;
    struct timestamps timestamps;
    struct counter picture, tl0;
    int64_t repair_sequence, packets, octets, repaired;
    int64_t base, repair_base; /* rollovers of its SSRCs before the keys now in use */
    struct report report;
    struct sent *history;
};

/* Where an SSRC that a peer's slot had has got to: kept as long as the peer, so that no nonce repeats. */
struct retired {
    uint32_t ssrc;
    int64_t base, next;
};

struct known {
    uint32_t ssrc;
    bool repair;
    struct stream *stream;
};

struct feedback; /* arrivals to tell a sender */
struct log;      /* packets sent, until the receiver's feedback covers them */
struct pacer;

struct peer {
    struct peer *next, **link, *watched_next;
    int64_t id;
    uint32_t ssrc, out_round;
    int out_last; /* its newest message in that round of out.c */
    bool tap, reachable, watched;
    struct srtp *in, *out;
    socklen_t address_size;
    struct sockaddr_storage address;
    struct extensions up, down;
    struct traffic traffic;
    double rtt;
    char ufrag[33], password[65]; /* of its consent, empty without one */
    int profile;
    uint8_t keys[2 * SRTP_KEY];
    struct known known[SRTP_STREAMS];
    int known_count;
    struct source *sources;
    struct slot *slots;
    struct retired *retired;
    int retired_count;
    struct feedback *feedback;
    struct log *log;
    struct pacer *pacer;
};

/* A packet of this batch on its way to the slots of a source; `media` is NULL for padding, which is skipped. */
struct arrival {
    struct stream *stream;
    struct media *media;
    uint16_t sequence;
};

struct out; /* messages gathered for sendmmsg */

struct engine {
    int socket, wake, told_fd; /* eventfds: `wake` ends the thread's waiting, `told_fd` tells Python of events */
    bool ipv6, started, paced_anew; /* paced_anew: a pace has changed for what waits */
    atomic_bool closing;
    pthread_t thread;
    pthread_mutex_t gate, lock;
    struct peer *peers, *watched; /* watched: its pacer has something to do */
    struct source *sources;
    struct { struct address address; struct peer *peer; } *table; /* by address, open addressing */
    uint32_t table_size, table_count, seed;
    double now;        /* when we looked last */
    double tell_at;    /* when Python is told of what can wait */
    double arrived;    /* when the datagram in hand came */
    uint32_t abs_send; /* the same as abs-send-time has it: seconds in 6.18 fixed point */
    struct arrival arrivals[BATCH];
    int arrival_count;
    struct out *out;
    int left; /* datagrams sent since the last tick */
    struct media *free[16];
    int64_t media_bytes;
    uint8_t *ring;
    _Atomic uint64_t ring_head, ring_tail;
    atomic_bool told, urgent; /* urgent: Python should look now */
    _Atomic int64_t ring_lost;
    uint8_t symbols[0xFFFF + 14]; /* scratch of log_heard */
};

/* address.c */
socklen_t address_to_socket(const struct engine *engine, const struct address *address, struct sockaddr_storage *out);
void address_from_socket(const struct sockaddr_storage *from, struct address *out);
struct peer *address_owner(const struct engine *engine, const struct address *address);
bool address_put(struct engine *engine, const struct address *address, struct peer *peer);
void address_drop(struct engine *engine, const struct address *address);
void address_drop_all(struct engine *engine, const struct peer *peer);

/* events.c */
bool event_put(struct engine *engine, struct event event, const uint8_t *data, bool soon);
void event_flush(struct engine *engine);

/* media.c */
struct media *media_new(struct engine *engine, int size);
void media_release(struct engine *engine, struct media *media);
void media_end(struct engine *engine);

/* out.c */
struct out *out_new(void);
void out_free(struct out *out);
/* Room for one datagram; `out_commit` says for whom and how long it became. */
uint8_t *out_reserve(struct engine *engine);
void out_commit(struct engine *engine, struct peer *peer, int size);
void out_flush(struct engine *engine);

/* receive.c */
const struct known *stream_find(const struct peer *peer, uint32_t ssrc);
void receive_datagram(struct engine *engine, uint8_t *data, int size, const struct sockaddr_storage *from);
void forward_arrivals(struct engine *engine);
const struct known *stream_learn(struct engine *engine, struct source *source, int layer, uint32_t ssrc, bool repair);
void source_free(struct engine *engine, struct source *source);

/* rtcp.c */
void rtcp_arrived(struct engine *engine, struct peer *peer, const uint8_t *data, int size);

/* consent.c */
bool consent_heard(struct engine *engine, const uint8_t *data, int size, const struct address *address);

/* feedback.c */
void stream_count(struct stream *stream, const struct rtp *rtp, int octets, bool repaired, double now);
void missing_ask(struct engine *engine, struct source *source);
void feedback_arrived(struct peer *peer, uint16_t number, double at, uint32_t ssrc);
void feedback_send(struct engine *engine, struct peer *peer);

/* delivery.c */
struct log *log_new(void);
void log_free(struct log *log);
int64_t log_number(struct log *log);
void log_sent(struct log *log, int64_t number, int size, double at);
bool log_heard(struct engine *engine, struct log *log, const uint8_t *body, int size);
bool log_take(struct log *log, struct delivery *delivery, double now);

/* slot.c */
void slot_prepare(const struct slot *slot);
void slot_forward(struct engine *engine, struct slot *slot, struct stream *stream, struct media *media);
void slot_skip(struct engine *engine, struct slot *slot, struct stream *stream, uint16_t sequence);
void slot_retransmit(struct engine *engine, struct slot *slot, uint16_t number);
bool slot_padding(struct slot *slot, struct outgoing *packet);
int slot_leave(struct engine *engine, const struct outgoing *packet);
bool slot_attach(struct slot *slot, struct source *source, int layer, bool stills);
void slot_lose_stream(struct engine *engine, struct slot *slot);
void slot_free(struct engine *engine, struct slot *slot);

/* pacer.c */
void peer_put(struct engine *engine, struct peer *peer, const struct outgoing *packet);
bool pacers_run(struct engine *engine);
void pacer_forget(struct peer *peer, const struct slot *slot);
void pacer_end(struct engine *engine, struct peer *peer);

/* peer.c */
bool peer_open(const struct peer *peer);
void peer_rtcp(struct engine *engine, struct peer *peer, const uint8_t *data, int size);
void peer_delete(struct engine *engine, struct peer *peer);

/* engine.c */
double clock_now(void);
void engine_lock(struct engine *engine);
void engine_unlock(struct engine *engine);
void engine_wake(struct engine *engine);
/* Every FEEDBACK_INTERVAL: what senders need to know, and layers that came to an end. */
void engine_tick(struct engine *engine);
