/* Numbers of one slot's stream, which goes on counting while the streams that feed it come and go. The same rules as
   media/engine/rewrite.py, which tests compare it with; there is the reasoning. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
    SEQUENCE_WINDOW = 512, /* packets: how far back late ones still find their number */
    SEQUENCE_JUMP = 1024   /* a leap of more than this is a sender that began anew */
};

/* From this input number on, add this. */
struct rule {
    int64_t from, add;
};

struct sequence {
    int64_t newest, newest_in;
    uint64_t given[SEQUENCE_WINDOW / 64];
    struct rule *rules, last; /* `last` is in force; the older ones, oldest first, exist after padding only */
    int count, room;
};

void sequence_begin(struct sequence *sequence, int64_t first);
void sequence_end(struct sequence *sequence);
void sequence_restart(struct sequence *sequence, int64_t number);
/* The output number, counted without wrapping; -1 if it has none. */
int64_t sequence_take(struct sequence *sequence, uint16_t number);
/* A packet that need not be sent: -1 if its place was closed, else the place something has to fill. */
int64_t sequence_skip(struct sequence *sequence, uint16_t number);

struct timestamps {
    int64_t newest, offset;
    double at;
    int rate;
    bool begun;
};

void timestamps_begin(struct timestamps *timestamps, int64_t first, int rate);
void timestamps_restart(struct timestamps *timestamps, uint32_t timestamp, double at);
uint32_t timestamps_take(struct timestamps *timestamps, uint32_t timestamp, double at);

/* A frame counter: VP8's picture id or TL0PICIDX. */
struct counter {
    int64_t newest, newest_in, offset;
};

void counter_restart(struct counter *counter, int64_t value);
int64_t counter_take(struct counter *counter, int64_t value, int bits);
