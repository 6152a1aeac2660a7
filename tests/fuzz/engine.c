/* The whole packet engine fed with junk behind authentication: compiled with ENGINE_FUZZED, in which every SRTP packet is
   taken as authentic and plain, and nothing leaves. With clang it is a target of libFuzzer; with gcc it has a main of its own
   that changes its seeds at random: `engine RUNS SEED FILE…`. */
#include "../../media/engine/core.h"
#include <arpa/inet.h>
#include <stdio.h>

enum { PEERS = 3, SOURCES = 3, SLOTS = 6 };

struct scene {
    struct engine *engine;
    struct peer *peers[PEERS + 1]; /* the last one is a tap */
    struct source *sources[SOURCES];
    struct slot *slots[SLOTS];
    int64_t id;
};

static struct address address_of(int peer)
{
    struct address address = {.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1}, .port = (uint16_t)(40001 + peer)};
    return address;
}

static const struct extensions IDS = {1, 2, 3, 4, 5, 6, 7};
static const struct codec VIDEO[] = {{CODEC_VP8, 96, 97}, {CODEC_H264, 98, 99}}, SOUND[] = {{CODEC_OPUS, 111, -1}};

static void add_source(struct scene *scene, int i)
{
    struct source_spec spec = {.mid = "c", .codec_count = 2, .layers = i == 0 ? 2 : 0, .rids = {"q", "h"}, .named = i == 1, .ssrc = 70,
                               .repair_named = true, .repair_ssrc = 71};
    spec.mid[0] = (char)('a' + i);
    memcpy(spec.codecs, VIDEO, sizeof VIDEO);
    if (i == 2) {
        spec.codec_count = 1;
        spec.codecs[0] = SOUND[0];
    }
    scene->sources[i] = source_add(scene->engine, scene->id++, scene->peers[0], &spec);
}

static void add_slot(struct scene *scene, int i)
{
    struct slot_spec spec = {.mid = "v", .codec_count = i % 3 == 2 ? 1 : 2, .repairs = i % 3 == 0, .transport = true, .ssrc = 500 + (uint32_t)i,
                             .repair_ssrc = 600 + (uint32_t)i, .first_sequence = 0x7FF0, .first_repair = 0x7FF0};
    memcpy(spec.codecs, i % 3 == 2 ? SOUND : VIDEO, (size_t)spec.codec_count * sizeof *spec.codecs);
    scene->slots[i] = slot_add(scene->engine, scene->id++, scene->peers[1 + i / 2], &spec);
}

static void begin(struct scene *scene)
{
    struct address any = {.port = 0};
    static const uint8_t key[30] = {1};
    scene->engine = engine_open(&any, false);
    for (int i = 0; i <= PEERS; i++) {
        struct address address = address_of(i);
        scene->peers[i] = peer_add(scene->engine, scene->id++, 9, i == PEERS);
        peer_set_extensions(scene->engine, scene->peers[i], &IDS, &IDS);
        peer_set_keys(scene->engine, scene->peers[i], i == 1 ? SRTP_CM_80 : SRTP_GCM_128, key, key, i == 1 ? 30 : 28);
        peer_admit(scene->engine, scene->peers[i], &address);
        peer_set_address(scene->engine, scene->peers[i], &address);
        peer_set_consent(scene->engine, scene->peers[i], "ours", "secret");
    }
    for (int i = 0; i < SOURCES; i++)
        add_source(scene, i);
    for (int i = 0; i < SLOTS; i++) {
        add_slot(scene, i);
        slot_bind(scene->engine, scene->slots[i], scene->sources[i % SOURCES], 0, i == 4);
    }
}

/* What is behind a packet that was protected is made up: the tag, and SRTCP's index, which must not repeat. Signatures of STUN
   are all taken for good. */
static void datagram(struct scene *scene, int peer, const uint8_t *data, size_t size)
{
    static uint32_t index;
    uint8_t bytes[LARGEST];
    struct sockaddr_storage from;
    struct address address = address_of(peer);
    bool cm = peer == 1, control;
    if (size > LARGEST - 20)
        size = LARGEST - 20;
    memset(bytes + size, 0, 20);
    memcpy(bytes, data, size);
    control = size > 1 && bytes[1] >= 192 && bytes[1] <= 223;
    uint32_t word = htonl(0x80000000u | (++index & 0x7FFFFFFF));
    if (control)
        memcpy(bytes + size + (cm ? 0 : 16), &word, 4);
    address_to_socket(scene->engine, &address, &from);
    scene->engine->arrived = scene->engine->now;
    if (size && bytes[0] >= 128)
        size += (cm ? 10u : 16u) + (control ? 4 : 0);
    receive_datagram(scene->engine, bytes, (int)size, &from);
}

static void act(struct scene *scene, uint8_t what, uint8_t which)
{
    struct engine *engine = scene->engine;
    int slot = which % SLOTS, source = which / 8 % SOURCES, peer = which % PEERS;
    struct address address = address_of(peer);
    struct delivery delivery;
    struct voice voices[2];
    struct stream_state states[LAYERS];
    static uint8_t taken[1 << 16];
    switch (what % 12) {
    case 0:
        if (scene->slots[slot] && scene->sources[source])
            slot_bind(engine, scene->slots[slot], scene->sources[source], which >> 6 & 1, which >> 7);
        break;
    case 1:
        if (scene->slots[slot])
            slot_bind(engine, scene->slots[slot], NULL, 0, false);
        break;
    case 2:
        peer_set_pace(engine, scene->peers[peer], which % 4 * 100);
        break;
    case 3:
        peer_probe(engine, scene->peers[peer], 2000, 0.2);
        break;
    case 4:
        if (scene->sources[source]) {
            source_remove(engine, scene->sources[source]);
            scene->sources[source] = NULL;
        } else {
            add_source(scene, source);
        }
        break;
    case 5:
        if (scene->slots[slot]) {
            slot_remove(engine, scene->slots[slot]);
            scene->slots[slot] = NULL;
        } else {
            add_slot(scene, slot);
        }
        break;
    case 6:
        peer_set_address(engine, scene->peers[peer], which & 64 ? &address : NULL);
        break;
    case 7:
        if (scene->sources[source])
            source_streams(engine, scene->sources[source], states);
        engine_voices(engine, voices, 2);
        peer_delivery(engine, scene->peers[peer], &delivery);
        break;
    case 8:
        engine_events(engine, taken, sizeof taken);
        break;
    case 9:
        engine_tick(engine);
        break;
    default: /* time passes */
        engine->now += which * which * 1e-4;
        pacers_run(engine);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scene scene = {.id = 0};
    begin(&scene);
    scene.engine->now = clock_now();
    while (size >= 2) { /* what it is; which, or how long */
        uint8_t what = data[0];
        size_t length = data[1] | (what & 0x40 ? 0x400 : 0);
        data += 2;
        size -= 2;
        if (what & 0x80) {
            forward_arrivals(scene.engine);
            act(&scene, what & 15, (uint8_t)length);
            continue;
        }
        length = length < size ? length : size;
        datagram(&scene, (what & 7) % 5, data, length);
        data += length;
        size -= length;
        if (what & 0x20 || scene.engine->arrival_count == BATCH)
            forward_arrivals(scene.engine);
    }
    forward_arrivals(scene.engine);
    engine_close(scene.engine);
    return 0;
}

#ifndef __clang__
static uint64_t chance_state;

static uint32_t chance(uint32_t below)
{
    chance_state ^= chance_state << 13;
    chance_state ^= chance_state >> 7;
    chance_state ^= chance_state << 17;
    return (uint32_t)(chance_state >> 33) % below;
}

/* A seed with some of its bytes changed, and a part of it moved or repeated. */
static size_t change(uint8_t *to, const uint8_t *seed, size_t size)
{
    memcpy(to, seed, size);
    for (uint32_t i = chance(8); size && i > 0; i--)
        to[chance((uint32_t)size)] = chance(3) ? (uint8_t)chance(256) : (uint8_t)(to[0] ^ 1 << chance(8));
    if (size > 8 && chance(2)) {
        uint32_t from = chance((uint32_t)size), at = chance((uint32_t)size), length = chance((uint32_t)(size - (from > at ? from : at)));
        memmove(to + at, to + from, length);
    }
    return chance(4) ? size : chance((uint32_t)size + 1);
}

int main(int count, char **given)
{
    static uint8_t seeds[64][1 << 16], changed[1 << 16];
    size_t sizes[64];
    int known = 0;
    chance_state = count > 2 ? strtoull(given[2], NULL, 10) : 1;
    for (int i = 3; i < count && known < 64; i++) {
        FILE *file = fopen(given[i], "rb");
        if (!file)
            return 2;
        sizes[known] = fread(seeds[known], 1, sizeof seeds[known], file);
        fclose(file);
        LLVMFuzzerTestOneInput(seeds[known], sizes[known]);
        known++;
    }
    for (int run = count > 1 ? atoi(given[1]) : 0; known && run > 0; run--) {
        uint32_t seed = chance((uint32_t)known);
        LLVMFuzzerTestOneInput(changed, change(changed, seeds[seed], sizes[seed]));
    }
    return 0;
}
#endif
