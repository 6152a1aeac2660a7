/* SRTP and SRTCP of one direction of one peer (RFC 3711; RFC 7714 for AES-GCM). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum srtp_profile { SRTP_GCM_128, SRTP_GCM_256, SRTP_CM_80 };
enum {
    SRTP_WINDOW = 1024, /* packets that may overtake one and it is still taken */
    SRTCP_WINDOW = 128,
    SRTP_STREAMS = 64, /* SSRCs one peer may send: each costs state */
    SRTP_GROWTH = 20,  /* bytes by which protection makes a packet longer, at most */
    SRTP_KEY = 44      /* bytes of the longest master key with its salt */
};

/* Which indices were seen: the highest, and a bit for each of the last ones. */
struct replay {
    uint64_t highest;
    uint64_t seen[16];
};

bool replay_fresh(const struct replay *replay, uint64_t index, int window);
void replay_mark(struct replay *replay, uint64_t index);
/* The index (ROC and sequence number) most likely meant by a sequence number (RFC 3711, 3.3.1). */
uint64_t replay_index(const struct replay *replay, uint16_t sequence);

struct srtp;

/* `key` is the master key followed by its salt. NULL if its size is not the profile's, or without memory. */
struct srtp *srtp_new(int profile, const uint8_t *key, size_t size);
void srtp_free(struct srtp *srtp);

/* Encrypts `payload` behind the header already in `out`, whose whole length it returns, or -1. `index` is the unwrapped
   sequence number and must never repeat for one SSRC under one key: whoever owns the SSRC sees to that. */
int srtp_protect(struct srtp *srtp, uint8_t *out, int header, const uint8_t *payload, int size, uint64_t index);
/* In place, with SRTP_GROWTH bytes of room behind. Numbers the packets itself. */
int srtcp_protect(struct srtp *srtp, uint8_t *data, int size);

/* In place; the plain packet's length, or -1: forged, repeated, too old, or of one SSRC too many. Nothing but an authentic
   packet changes any state. */
int srtp_unprotect(struct srtp *srtp, uint8_t *data, int size);
int srtcp_unprotect(struct srtp *srtp, uint8_t *data, int size);
