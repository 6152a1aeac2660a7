/* The binding requests by which a peer says again and again that it is still there (RFC 7675). They get the answer that
   media/ice.py would give; a request that is anything else, or of anybody else, is left to it. */
#include "bytes.h"
#include "core.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { HEADER = 20, REQUEST = 0x0001, RESPONSE = 0x0101 };
enum { USERNAME = 0x0006, INTEGRITY = 0x0008, XOR_MAPPED = 0x0020, FINGERPRINT = 0x8028, CONTROLLED = 0x8029 };
enum { HASH = 20, SIGNED_TO = 4 + HASH, SEAL = SIGNED_TO + 8 }; /* SEAL: bytes of signature and fingerprint */
static const uint32_t COOKIE = 0x2112A442, FINGERPRINT_XOR = 0x5354554E;

static uint32_t fingerprint(const uint8_t *data, int size)
{
    uint32_t crc = 0xFFFFFFFF;
    for (int i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xEDB88320 & -(crc & 1));
    }
    return ~crc ^ FINGERPRINT_XOR;
}

/* The signature of a message of which `size` bytes come before it (RFC 8489, 14.5). */
static bool sign(const struct peer *peer, const uint8_t *data, int size, uint8_t hash[EVP_MAX_MD_SIZE])
{
    uint8_t message[LARGEST];
    memcpy(message, data, (size_t)size);
    put16(message + 2, (uint16_t)(size + SIGNED_TO - HEADER));
    return HMAC(EVP_sha1(), peer->password, (int)strlen(peer->password), message, (size_t)size, hash, NULL) != NULL;
}

static bool is_signed(const struct peer *peer, const uint8_t *data, int size)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
#ifdef ENGINE_FUZZED
    return true;
#endif
    return sign(peer, data, size, hash) && CRYPTO_memcmp(hash, data + size + 4, HASH) == 0;
}

static bool is_named(const struct peer *peer, const uint8_t *name, int size)
{
    int length = (int)strlen(peer->ufrag);
    return length && size > length && name[length] == ':' && memcmp(name, peer->ufrag, (size_t)length) == 0;
}

/* Whether it is a request of this peer's, signed, with nothing in it that would need a decision. */
static bool confirms(const struct peer *peer, const uint8_t *data, int size)
{
    bool named = false;
    if (size < HEADER || size % 4 || get16(data) != REQUEST || get16(data + 2) != size - HEADER || get32(data + 4) != COOKIE)
        return false;
    for (int at = HEADER, kind, length; at + 4 <= size; at += 4 + ((length + 3) & ~3)) {
        kind = get16(data + at);
        length = get16(data + at + 2);
        if (at + 4 + length > size || kind == CONTROLLED)
            return false;
        if (kind == USERNAME)
            named = is_named(peer, data + at + 4, length);
        if (kind == INTEGRITY) /* what follows it is its fingerprint, or of somebody else */
            return named && length == HASH && at + SEAL == size && get16(data + at + SIGNED_TO) == FINGERPRINT &&
                   get16(data + at + SIGNED_TO + 2) == 4 && get32(data + size - 4) == fingerprint(data, size - 8) &&
                   is_signed(peer, data, at);
    }
    return false;
}

/* XOR-MAPPED-ADDRESS (RFC 8489, 14.2); its size. */
static int put_mapped(uint8_t *out, const struct address *address, const uint8_t *cookie_and_transaction)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    int start = memcmp(address->ip, mapped, sizeof mapped) == 0 ? 12 : 0, length = 16 - start;
    put16(out, XOR_MAPPED);
    put16(out + 2, (uint16_t)(4 + length));
    put16(out + 4, length == 4 ? 1 : 2);
    put16(out + 6, address->port ^ (uint16_t)(COOKIE >> 16));
    for (int i = 0; i < length; i++)
        out[8 + i] = address->ip[start + i] ^ cookie_and_transaction[i];
    return 8 + length;
}

/* Whether the datagram was one of them, and needs no more. */
bool consent_heard(struct engine *engine, const uint8_t *data, int size, const struct address *address)
{
    struct peer *peer = address_owner(engine, address);
    struct address selected;
    uint8_t hash[EVP_MAX_MD_SIZE], out[96];
    if (!peer || !peer->reachable)
        return false;
    address_from_socket(&peer->address, &selected);
    if (memcmp(&selected, address, sizeof selected) != 0 || !confirms(peer, data, size))
        return false;
    memcpy(out, data, HEADER);
    put16(out, RESPONSE);
    int at = HEADER + put_mapped(out + HEADER, address, data + 4);
    if (!sign(peer, out, at, hash))
        return false;
    put16(out + at, INTEGRITY);
    put16(out + at + 2, HASH);
    memcpy(out + at + 4, hash, HASH);
    at += SIGNED_TO;
    put16(out + 2, (uint16_t)(at + 8 - HEADER));
    put16(out + at, FINGERPRINT);
    put16(out + at + 2, 4);
    put32(out + at + 4, fingerprint(out, at));
    engine_send(engine, out, (size_t)at + 8, address);
    peer->traffic.heard_at = engine->now;
    return true;
}
