/* The ring on which events go up to Python: written under the lock, read without it. */
#include "core.h"
#include <sys/eventfd.h>
#include <unistd.h>

static void copy_in(struct engine *engine, uint64_t at, const void *data, size_t size)
{
    size_t start = at & (EVENT_BYTES - 1), first = size < EVENT_BYTES - start ? size : EVENT_BYTES - start;
    memcpy(engine->ring + start, data, first);
    memcpy(engine->ring, (const uint8_t *)data + first, size - first);
}

static void copy_out(const struct engine *engine, uint64_t at, void *data, size_t size)
{
    size_t start = at & (EVENT_BYTES - 1), first = size < EVENT_BYTES - start ? size : EVENT_BYTES - start;
    memcpy(data, engine->ring + start, first);
    memcpy((uint8_t *)data + first, engine->ring, size - first);
}

static size_t whole(uint32_t size) { return sizeof(struct event) + ((size + 7u) & ~7u); }

/* Whatever strangers send must leave room for what peers send, and that for what we say ourselves. `soon`: Python is woken for
   it; else it finds it when it is woken for something else, or a little later. */
bool event_put(struct engine *engine, struct event event, const uint8_t *data, bool soon)
{
    static const size_t spare[] = {
        [EVENT_DATAGRAM] = EVENT_BYTES / 2, [EVENT_TAPPED] = EVENT_BYTES / 4, [EVENT_RTCP] = EVENT_BYTES / 8, [EVENT_LAYER] = 0, [EVENT_SHOWS] = 0};
    static const uint8_t zeros[8] = {0};
    uint64_t head = atomic_load_explicit(&engine->ring_head, memory_order_relaxed);
    uint64_t used = head - atomic_load_explicit(&engine->ring_tail, memory_order_acquire);
    size_t size = whole(event.size);
    if (used + size + spare[event.kind] > EVENT_BYTES) {
        atomic_fetch_add_explicit(&engine->ring_lost, 1, memory_order_relaxed);
        return false;
    }
    copy_in(engine, head, &event, sizeof event);
    if (event.size)
        copy_in(engine, head + sizeof event, data, event.size);
    copy_in(engine, head + sizeof event + event.size, zeros, size - sizeof event - event.size);
    atomic_store_explicit(&engine->ring_head, head + size, memory_order_release);
    if (soon)
        atomic_store(&engine->urgent, true);
    return true;
}

/* Wakes Python, once until it has looked. */
void event_flush(struct engine *engine)
{
    if (atomic_exchange(&engine->urgent, false) && atomic_load(&engine->ring_head) != atomic_load(&engine->ring_tail) &&
        !atomic_exchange(&engine->told, true))
        eventfd_write(engine->told_fd, 1);
}

size_t engine_events(struct engine *engine, uint8_t *buffer, size_t size)
{
    eventfd_t ignored;
    uint64_t tail = atomic_load_explicit(&engine->ring_tail, memory_order_relaxed);
    eventfd_read(engine->told_fd, &ignored);
    atomic_store(&engine->told, false); /* before looking: what comes after this is told anew */
    uint64_t head = atomic_load(&engine->ring_head);
    size_t used = 0;
    while (tail != head) {
        struct event event;
        copy_out(engine, tail, &event, sizeof event);
        size_t next = whole(event.size);
        if (used + next > size) { /* the rest is for another call */
            if (!atomic_exchange(&engine->told, true))
                eventfd_write(engine->told_fd, 1);
            break;
        }
        copy_out(engine, tail, buffer + used, next);
        used += next;
        tail += next;
        atomic_store_explicit(&engine->ring_tail, tail, memory_order_release);
    }
    return used;
}

int64_t engine_events_lost(const struct engine *engine) { return atomic_load(&engine->ring_lost); }

int engine_events_fd(const struct engine *engine) { return engine->told_fd; }
