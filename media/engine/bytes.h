/* Numbers in network order, and how far one is ahead of another on a counter that wraps. */
#pragma once
#include <stdint.h>
#include <string.h>

static inline uint16_t get16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }

static inline uint32_t get32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, 4);
    return __builtin_bswap32(value);
}

static inline void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void put24(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 16);
    put16(at + 1, (uint16_t)value);
}

static inline void put32(uint8_t *at, uint32_t value)
{
    value = __builtin_bswap32(value);
    memcpy(at, &value, 4);
}

/* As media.rtp.distance: negative when `a` is behind `b`; exactly half way round is behind. */
static inline int64_t distance(uint64_t a, uint64_t b, int bits)
{
    uint64_t half = 1ULL << (bits - 1), mask = (half << 1) - 1;
    return (int64_t)((a - b + half) & mask) - (int64_t)half;
}
