/* What a receiver's transport-wide feedback says of the packets sent to it. The same rules as delivery.py: whatever it claims
   of packets that were never sent, or says twice, counts for nothing. */
#include "bytes.h"
#include "core.h"

enum { LEAST = 1024, MOST = 8192, /* packets that wait for their feedback; of older ones nothing is believed any more */
       MEMORY = 30, /* seconds within which the smallest delay counts as the way's own */
       TICKS = 4000, STATUSES = 0xFFFF };

/* `size` is 0 when nothing waits; the top bit says an earlier feedback called it lost. */
enum { LOST = 0x8000 };

struct log {
    int64_t next, first; /* the number given last; nothing before `first` waits */
    int room, waiting;
    double *at;
    uint16_t *size;
    bool referred, timed, begun;
    int64_t reference; /* of the newest feedback, in units of 64 ms, unwrapped */
    double newest, since; /* arrivals by the receiver's clock */
    int64_t packets, lost, octets, samples;
    double delays;
    struct { int64_t second; double delay; } smallest[MEMORY + 2];
};

struct log *log_new(void)
{
    struct log *log = calloc(1, sizeof *log);
    if (!log)
        return NULL;
    log->room = LEAST;
    log->at = calloc(LEAST, sizeof *log->at);
    log->size = calloc(LEAST, sizeof *log->size);
    if (!log->at || !log->size) {
        log_free(log);
        return NULL;
    }
    return log;
}

void log_free(struct log *log)
{
    if (!log)
        return;
    free(log->at);
    free(log->size);
    free(log);
}

int64_t log_number(struct log *log) { return ++log->next; }

static void grow(struct log *log)
{
    int room = log->room * 2;
    double *at = calloc((size_t)room, sizeof *at);
    uint16_t *size = calloc((size_t)room, sizeof *size);
    if (!at || !size) {
        free(at);
        free(size);
        return;
    }
    for (int64_t number = log->next - log->room; number < log->next; number++)
        if (number > 0) {
            at[number % room] = log->at[number % log->room];
            size[number % room] = log->size[number % log->room];
        }
    free(log->at);
    free(log->size);
    log->at = at;
    log->size = size;
    log->room = room;
}

void log_sent(struct log *log, int64_t number, int size, double at)
{
    if (log->size[number % log->room] && log->room < MOST)
        grow(log);
    int64_t place = number % log->room;
    log->waiting += !log->size[place];
    log->at[place] = at;
    log->size[place] = (uint16_t)size;
    if (log->first <= number - log->room)
        log->first = number - log->room + 1;
}

static void arrived(struct log *log, int size, double sent_at, double at, double now)
{
    log->octets += size;
    log->samples++;
    if (!log->begun) {
        log->begun = true;
        log->since = at;
    }
    if (!log->timed || at > log->newest)
        log->newest = at;
    log->timed = true;
    double delay = at - sent_at;
    int64_t second = (int64_t)now, i = second % (MEMORY + 2);
    log->delays += delay;
    if (log->smallest[i].second != second || delay < log->smallest[i].delay) {
        log->smallest[i].second = second;
        log->smallest[i].delay = delay;
    }
}

/* The statuses of a feedback packet's body: for each number a symbol, 0 where it did not arrive. */
static int read_statuses(const uint8_t *body, int size, int count, uint8_t symbols[STATUSES + 14])
{
    int at = 16, known = 0;
    while (known < count) {
        if (at + 2 > size)
            return -1;
        int chunk = get16(body + at);
        at += 2;
        if (!(chunk >> 15)) { /* a run of one symbol */
            int run = chunk & 0x1FFF;
            if (!run)
                return -1;
            if (run > count - known)
                run = count - known;
            memset(symbols + known, chunk >> 13, (size_t)run);
            known += run;
        } else if (chunk >> 14 & 1) { /* seven symbols of two bits */
            for (int shift = 12; shift >= 0; shift -= 2)
                symbols[known++] = (uint8_t)(chunk >> shift & 3);
        } else { /* fourteen of one bit */
            for (int shift = 13; shift >= 0; shift--)
                symbols[known++] = (uint8_t)(chunk >> shift & 1);
        }
    }
    return at;
}

/* Whether the times behind the statuses are all there. */
static bool times_fit(const uint8_t *symbols, int count, int at, int size)
{
    for (int i = 0; i < count; i++) {
        if (symbols[i] == 3)
            return false;
        at += symbols[i];
        if (at > size)
            return false;
    }
    return true;
}

/* Whether it parses; if it does not, nothing of it is believed. */
bool log_heard(struct engine *engine, struct log *log, const uint8_t *body, int size)
{
    uint8_t *symbols = engine->symbols;
    if (size < 16)
        return false;
    int count = get16(body + 10), at = read_statuses(body, size, count, symbols);
    if (at < 0 || !times_fit(symbols, count, at, size))
        return false;
    if (!log->waiting)
        return true;
    int64_t named = get32(body + 12) >> 8, known = log->referred ? log->reference : named;
    int64_t reference = known + distance((uint64_t)named, (uint64_t)known, 24), ticks = reference * 256;
    int64_t first = log->next + distance(get16(body + 8), (uint64_t)log->next, 16);
    bool covered = false;
    for (int i = 0; i < count; i++) {
        if (symbols[i] == 1)
            ticks += body[at];
        else if (symbols[i] == 2)
            ticks += (int16_t)get16(body + at);
        at += symbols[i];
        int64_t number = first + i; /* what was never sent, or is forgotten, is not even looked at */
        if (number < log->first || number > log->next || number < 1)
            continue;
        uint16_t *sent = &log->size[number % log->room];
        if (!*sent)
            continue;
        covered = true;
        bool lost = *sent & LOST;
        log->packets += !lost;
        if (!symbols[i]) {
            log->lost += !lost;
            *sent |= LOST;
            continue;
        }
        log->lost -= lost;
        int octets = *sent & ~LOST;
        *sent = 0;
        log->waiting--;
        arrived(log, octets, log->at[number % log->room], (double)ticks / TICKS, engine->now);
    }
    if (covered) {
        log->reference = reference;
        log->referred = true;
    }
    return true;
}

bool log_take(struct log *log, struct delivery *delivery, double now)
{
    if (!log->packets && !log->samples)
        return false;
    *delivery = (struct delivery){.packets = log->packets, .lost = log->lost > 0 ? log->lost : 0, .octets = log->octets};
    if (log->timed && log->begun)
        delivery->span = log->newest - log->since;
    double smallest = 0;
    bool any = false;
    for (int i = 0; i < MEMORY + 2; i++)
        if (log->smallest[i].second && (double)log->smallest[i].second > now - MEMORY && (!any || log->smallest[i].delay < smallest)) {
            smallest = log->smallest[i].delay;
            any = true;
        }
    if (log->samples && any && log->delays / (double)log->samples > smallest)
        delivery->delay = log->delays / (double)log->samples - smallest;
    log->packets = log->lost = log->octets = log->samples = 0;
    log->delays = 0;
    log->since = log->newest;
    log->begun = log->timed;
    return true;
}
