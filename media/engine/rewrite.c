#include "rewrite.h"
#include "bytes.h"
#include <stdlib.h>

void sequence_begin(struct sequence *sequence, int64_t first)
{
    *sequence = (struct sequence){.newest = first - 1};
}

void sequence_end(struct sequence *sequence)
{
    free(sequence->rules);
    sequence->rules = NULL;
    sequence->count = sequence->room = 0;
}

void sequence_restart(struct sequence *sequence, int64_t number)
{
    sequence->newest_in = number - 1;
    sequence->count = 0;
    sequence->last = (struct rule){number, sequence->newest + 1 - number};
}

/* The rule in force joins the older ones, of which the oldest goes when there are too many or no memory for more. */
static void rule_add(struct sequence *sequence, struct rule rule)
{
    if (sequence->count == sequence->room && sequence->room < SEQUENCE_WINDOW - 1) {
        int room = sequence->room ? sequence->room * 2 + 1 : 7;
        struct rule *more = realloc(sequence->rules, (size_t)room * sizeof *more);
        if (more) {
            sequence->rules = more;
            sequence->room = room;
        }
    }
    if (sequence->count && sequence->count == sequence->room)
        memmove(sequence->rules, sequence->rules + 1, (size_t)--sequence->count * sizeof *sequence->rules);
    if (sequence->room)
        sequence->rules[sequence->count++] = sequence->last;
    sequence->last = rule;
}

static bool rule_find(const struct sequence *sequence, int64_t number, int64_t *add)
{
    for (int i = sequence->count - 1; i >= 0; i--)
        if (sequence->rules[i].from <= number) {
            *add = sequence->rules[i].add;
            return true;
        }
    return false;
}

static void given_mark(struct sequence *sequence, int64_t out)
{
    if (out > sequence->newest) {
        if (out - sequence->newest >= SEQUENCE_WINDOW)
            memset(sequence->given, 0, sizeof sequence->given);
        else
            for (int64_t i = sequence->newest + 1; i <= out; i++)
                sequence->given[(uint64_t)i / 64 % (SEQUENCE_WINDOW / 64)] &= ~(1ULL << ((uint64_t)i % 64));
        sequence->newest = out;
    }
    sequence->given[(uint64_t)out / 64 % (SEQUENCE_WINDOW / 64)] |= 1ULL << ((uint64_t)out % 64);
}

static int64_t place(struct sequence *sequence, uint16_t number, bool hole)
{
    int64_t ahead = distance(number, (uint64_t)sequence->newest_in, 16);
    if (ahead < -SEQUENCE_JUMP)
        return -1;
    if (ahead > SEQUENCE_JUMP) {
        sequence_restart(sequence, number);
        ahead = 1;
    }
    int64_t unwrapped = sequence->newest_in + ahead, add = sequence->last.add;
    if (ahead > 0) {
        sequence->newest_in = unwrapped;
        if (hole) {
            rule_add(sequence, (struct rule){unwrapped + 1, add - 1});
            return -1;
        }
    }
    if (unwrapped < sequence->last.from && !rule_find(sequence, unwrapped, &add))
        return -1;
    int64_t out = unwrapped + add;
    if (out <= sequence->newest - SEQUENCE_WINDOW)
        return -1;
    if (out <= sequence->newest && sequence->given[(uint64_t)out / 64 % (SEQUENCE_WINDOW / 64)] >> ((uint64_t)out % 64) & 1)
        return -1;
    given_mark(sequence, out);
    return out;
}

int64_t sequence_take(struct sequence *sequence, uint16_t number) { return place(sequence, number, false); }

int64_t sequence_skip(struct sequence *sequence, uint16_t number) { return place(sequence, number, true); }

void timestamps_begin(struct timestamps *timestamps, int64_t first, int rate)
{
    *timestamps = (struct timestamps){.newest = first, .rate = rate};
}

void timestamps_restart(struct timestamps *timestamps, uint32_t timestamp, double at)
{
    int64_t passed = timestamps->begun ? (int64_t)((at - timestamps->at) * timestamps->rate) : 0;
    if (timestamps->begun && passed < 1)
        passed = 1;
    timestamps->offset = timestamps->newest + passed - timestamp;
    timestamps->begun = true;
}

uint32_t timestamps_take(struct timestamps *timestamps, uint32_t timestamp, double at)
{
    uint32_t out = (uint32_t)(timestamp + timestamps->offset);
    if (distance(out, (uint64_t)timestamps->newest, 32) >= 0) {
        timestamps->newest = out;
        timestamps->at = at;
    }
    return out;
}

void counter_restart(struct counter *counter, int64_t value)
{
    counter->newest_in = value;
    counter->offset = counter->newest + 1 - value;
}

int64_t counter_take(struct counter *counter, int64_t value, int bits)
{
    int64_t unwrapped = counter->newest_in + distance((uint64_t)value, (uint64_t)counter->newest_in, bits);
    if (unwrapped > counter->newest_in)
        counter->newest_in = unwrapped;
    if (unwrapped + counter->offset > counter->newest)
        counter->newest = unwrapped + counter->offset;
    return unwrapped + counter->offset;
}
