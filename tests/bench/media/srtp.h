/* SRTP and SRTCP as a browser does them (RFC 3711, RFC 7714), written apart from media/engine so that one checks the other. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define SRTP_TRAILER 20 /* at most, what protection adds to a packet */

typedef struct srtp srtp; /* one direction of one peer */

/* `profile`: OpenSSL's name. `key`: master key and salt, in that order. NULL if the profile is unknown. */
srtp *srtp_new(const char *profile, const uint8_t *key);
void srtp_free(srtp *s);

/* In place, the buffer has room for SRTP_TRAILER more. `header`: bytes before the payload. Returns the new size. */
size_t srtp_protect(srtp *s, uint8_t *packet, size_t header, size_t size, uint32_t rollovers);
size_t srtcp_protect(srtp *s, uint8_t *packet, size_t size);

/* In place. Returns the new size, 0 if the packet is not authentic. */
size_t srtp_unprotect(srtp *s, uint8_t *packet, size_t header, size_t size, uint32_t rollovers);
size_t srtcp_unprotect(srtp *s, uint8_t *packet, size_t size);

static inline uint32_t get16(const uint8_t *p) { return p[0] << 8 | p[1]; }
static inline uint32_t get32(const uint8_t *p) { return get16(p) << 16 | get16(p + 2); }
static inline void put16(uint8_t *p, uint32_t v) { p[0] = v >> 8; p[1] = v; }
static inline void put32(uint8_t *p, uint32_t v) { put16(p, v >> 16); put16(p + 2, v); }
