/* What a receiver keeps of each stream, and the RTCP that both ends send. */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INFLOWS = 64, OUTFLOWS = 8, ARRIVALS = 4096 };

typedef struct { /* one SSRC as it arrives (RFC 3550, A.1, A.3, A.8) */
    uint32_t ssrc, first, highest, packets, timestamp;
    double jitter;
    int64_t at;
    uint32_t expected_before, packets_before;
    uint32_t sender_report; /* middle of the last one's NTP time */
    int64_t sender_report_at;
    uint32_t from, index; /* sending stream and number in the last verified payload */
} inflow;

typedef struct { /* what reports said of one of our streams */
    uint32_t ssrc;
    int32_t lost;
} outflow;

typedef struct {
    int fd;
    struct srtp *send, *receive;
    uint8_t check[256];
    int check_size;
    bool verifies;
    uint8_t repair[4], transport_sequence;
    uint32_t ssrc, remb_kbps, transport_number;
    int64_t report_due, feedback_due, check_due;
    uint64_t received, pictures, feedback_count;
    inflow inflows[INFLOWS];
    _Atomic int inflow_count;
    outflow outflows[OUTFLOWS];
    int outflow_count;
    int64_t arrivals[ARRIVALS]; /* by transport-wide number, 0: it did not arrive */
    uint32_t next, newest;      /* unwrapped: first not reported yet, last that arrived */
    bool began;
} peer;

inflow *peer_inflow(peer *p, uint32_t ssrc, bool make);
outflow *peer_outflow(peer *p, uint32_t ssrc);
uint32_t inflow_count(inflow *f, uint16_t number, uint32_t timestamp, uint8_t type, int64_t at); /* the number, unwrapped */

int rtp_transport_number(const uint8_t *data, size_t size, size_t start, uint8_t id); /* -1: none */
void peer_arrived(peer *p, int transport_number, int64_t at);

/* Each writes one compound packet and returns its size. */
size_t rtcp_sender_report(uint8_t *out, uint32_t ssrc, int64_t now, uint32_t timestamp, uint32_t packets, uint32_t octets);
size_t peer_report(peer *p, uint8_t *out, int64_t now);
size_t peer_feedback(peer *p, uint8_t *out); /* 0: nothing more to report */

typedef struct {
    enum { RTCP_OTHER, RTCP_KEY_REQUEST, RTCP_LOST, RTCP_FEEDBACK, RTCP_SENDER_REPORT, RTCP_REPORT_BLOCK } kind;
    uint32_t ssrc, middle;
    int32_t lost;
} rtcp_message;

/* Every packet of a compound one, and every report block, is a message. */
void rtcp_read(const uint8_t *data, size_t size, void (*take)(void *, const rtcp_message *), void *context);
