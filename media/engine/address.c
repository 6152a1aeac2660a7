/* Whose packets come from which address. The table holds validated addresses only, a few per peer. */
#include "core.h"
#include <arpa/inet.h>

static const uint8_t MAPPED[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

socklen_t address_to_socket(const struct engine *engine, const struct address *address, struct sockaddr_storage *out)
{
    memset(out, 0, sizeof *out);
    if (engine->ipv6) {
        struct sockaddr_in6 *to = (struct sockaddr_in6 *)out;
        to->sin6_family = AF_INET6;
        to->sin6_port = htons(address->port);
        to->sin6_scope_id = address->scope;
        memcpy(&to->sin6_addr, address->ip, 16);
        return sizeof *to;
    }
    struct sockaddr_in *to = (struct sockaddr_in *)out;
    to->sin_family = AF_INET;
    to->sin_port = htons(address->port);
    memcpy(&to->sin_addr, address->ip + 12, 4);
    return sizeof *to;
}

void address_from_socket(const struct sockaddr_storage *from, struct address *out)
{
    memset(out, 0, sizeof *out);
    if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)from;
        memcpy(out->ip, &in->sin6_addr, 16);
        out->port = ntohs(in->sin6_port);
        out->scope = in->sin6_scope_id;
    } else {
        const struct sockaddr_in *in = (const struct sockaddr_in *)from;
        memcpy(out->ip, MAPPED, 12);
        memcpy(out->ip + 12, &in->sin_addr, 4);
        out->port = ntohs(in->sin_port);
    }
}

static bool same(const struct address *a, const struct address *b)
{
    return a->port == b->port && a->scope == b->scope && memcmp(a->ip, b->ip, 16) == 0;
}

/* Where the address stands, or the empty place where it belongs. The table is never full. */
static uint32_t place(const struct engine *engine, const struct address *address)
{
    uint64_t high, low;
    memcpy(&high, address->ip, 8);
    memcpy(&low, address->ip + 8, 8);
    uint64_t hash = (high ^ engine->seed) * 0x9E3779B97F4A7C15ULL;
    hash = (hash ^ hash >> 29 ^ low) * 0xBF58476D1CE4E5B9ULL;
    hash = (hash ^ hash >> 31 ^ address->port) * 0x94D049BB133111EBULL;
    uint32_t at = (uint32_t)(hash >> 33) & (engine->table_size - 1);
    while (engine->table[at].peer && !same(&engine->table[at].address, address))
        at = (at + 1) & (engine->table_size - 1);
    return at;
}

struct peer *address_owner(const struct engine *engine, const struct address *address)
{
    return engine->table_size ? engine->table[place(engine, address)].peer : NULL;
}

static bool grow(struct engine *engine)
{
    uint32_t old_size = engine->table_size, size = old_size ? old_size * 2 : 64;
    void *fresh = calloc(size, sizeof *engine->table);
    if (!fresh)
        return false;
    __typeof__(engine->table) old = engine->table;
    engine->table = fresh;
    engine->table_size = size;
    for (uint32_t i = 0; i < old_size; i++)
        if (old[i].peer)
            engine->table[place(engine, &old[i].address)] = old[i];
    free(old);
    return true;
}

bool address_put(struct engine *engine, const struct address *address, struct peer *peer)
{
    if (engine->table_count * 2 >= engine->table_size && !grow(engine))
        return false;
    uint32_t at = place(engine, address);
    engine->table_count += !engine->table[at].peer;
    engine->table[at].address = *address;
    engine->table[at].peer = peer;
    return true;
}

static void drop_at(struct engine *engine, uint32_t at)
{
    uint32_t mask = engine->table_size - 1;
    engine->table[at].peer = NULL;
    engine->table_count--;
    for (uint32_t next = (at + 1) & mask; engine->table[next].peer; next = (next + 1) & mask) {
        __typeof__(*engine->table) moved = engine->table[next]; /* it may have stood behind the one that is gone */
        engine->table[next].peer = NULL;
        engine->table[place(engine, &moved.address)] = moved;
    }
}

void address_drop(struct engine *engine, const struct address *address)
{
    if (!engine->table_size)
        return;
    uint32_t at = place(engine, address);
    if (engine->table[at].peer)
        drop_at(engine, at);
}

void address_drop_all(struct engine *engine, const struct peer *peer)
{
    for (uint32_t at = 0; at < engine->table_size;)
        if (engine->table[at].peer == peer)
            drop_at(engine, at); /* another may have moved here */
        else
            at++;
}
