/* What the parts of the load generator share. */
#pragma once
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

#include "load.h"
#include "rtcp.h"
#include "srtp.h"

enum { PEERS = 2048, STREAMS = 2048, BATCH = 64, BUFFER = 2048 };
enum { STAMP = 20, STAMP_MARK = 0x6d656574 }; /* ends each payload: mark, stream, number, send time (8 bytes) */
enum { BIN = 10000, BINS = 100000 };          /* of latencies: nanoseconds each, how many */
enum { SWEEP = 10000000, REPORTS = 1000000000 }; /* nanoseconds: between two looks at a socket, two reports */
#define SECOND 1000000000LL

typedef struct {
    stream_spec spec;
    _Atomic bool on;
    _Atomic bool key; /* the next frame has to be one */
    _Atomic int kbps, level;
    int64_t due, frame_due, report_due;
    int part, parts, size; /* of the frame under way */
    bool is_key;
    uint32_t number, timestamp, picture, base_level, packets, octets, index;
} stream;

struct load {
    peer *peers[PEERS];
    stream *streams[STREAMS];
    _Atomic int peer_count, stream_count;
    _Atomic bool paused, stopped;
    load_totals totals;
    uint32_t histogram[BINS + 1];
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];
    uint8_t buffers[BATCH][BUFFER];
    char control[BATCH][64];
};

static inline int64_t clock_at(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static inline void send_report(peer *p, uint8_t *packet, size_t size)
{
    send(p->fd, packet, srtcp_protect(p->send, packet, size), 0);
}

int64_t send_due(load *l, int64_t now); /* sends what is due, returns when the next packet will be */
void sweep(load *l, int peer);          /* reads all that has come for a peer */
