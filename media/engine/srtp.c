#define OPENSSL_SUPPRESS_DEPRECATED /* SHA1_*: half the cost of EVP's HMAC, whose state cannot be copied as a struct */
#include "srtp.h"
#include "bytes.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

enum { GCM_TAG = 16, CM_TAG = 10, HASH = 20, ENCRYPTED = 0x80 };
enum { LABEL_KEY, LABEL_AUTHENTICATION, LABEL_SALT }; /* RFC 3711, 4.3.1; SRTCP's are three further on */

/* Key, salt and HMAC of RTP or of RTCP. The EVP context keeps the expanded key; only its IV changes. */
struct suite {
    EVP_CIPHER_CTX *seal, *open;
    uint8_t salt[16];
    SHA_CTX inner, outer;
};

struct seen {
    uint32_t ssrc, control_index;
    struct replay media, control;
};

struct srtp {
    bool gcm;
    struct suite media, control;
    int count, room;
    struct seen *streams;
};

bool replay_fresh(const struct replay *replay, uint64_t index, int window)
{
    if (index > replay->highest)
        return true;
    if (replay->highest - index >= (uint64_t)window)
        return false;
    return !(replay->seen[index / 64 % 16] >> (index % 64) & 1);
}

void replay_mark(struct replay *replay, uint64_t index)
{
    if (index > replay->highest) {
        if (index - replay->highest >= SRTP_WINDOW)
            memset(replay->seen, 0, sizeof replay->seen);
        else
            for (uint64_t i = replay->highest + 1; i <= index; i++)
                replay->seen[i / 64 % 16] &= ~(1ULL << (i % 64));
        replay->highest = index;
    }
    replay->seen[index / 64 % 16] |= 1ULL << (index % 64);
}

uint64_t replay_index(const struct replay *replay, uint16_t sequence)
{
    uint64_t roc = replay->highest >> 16;
    int newest = replay->highest & 0xFFFF;
    if (replay->highest > 0x8000) {
        if (newest < 0x8000 && sequence - newest > 0x8000)
            roc--;
        else if (newest >= 0x8000 && newest - 0x8000 > sequence)
            roc++;
    }
    return roc << 16 | sequence;
}

/* AES in counter mode over zeros is the key derivation's pseudo-random function. */
static bool derive(int key_size, const uint8_t *master, int salt_size, int label, uint8_t *out, int size)
{
    uint8_t iv[16] = {0}, zeros[32] = {0};
    int written;
    memcpy(iv, master + key_size, (size_t)salt_size);
    iv[7] ^= (uint8_t)label;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool done = context && EVP_EncryptInit_ex(context, key_size == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr(), NULL, master, iv) &&
                EVP_EncryptUpdate(context, out, &written, zeros, size);
    EVP_CIPHER_CTX_free(context);
    return done;
}

static void hash_begin(SHA_CTX *hash, const uint8_t *key, uint8_t with)
{
    uint8_t block[64];
    memset(block, with, sizeof block);
    for (int i = 0; i < HASH; i++)
        block[i] ^= key[i];
    SHA1_Init(hash);
    SHA1_Update(hash, block, sizeof block);
}

static bool suite_begin(struct suite *suite, bool gcm, int key_size, const uint8_t *master, int labels)
{
    uint8_t key[32], authentication[HASH];
    int salt_size = gcm ? 12 : 14;
    const EVP_CIPHER *cipher = !gcm ? EVP_aes_128_ctr() : key_size == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
    suite->seal = EVP_CIPHER_CTX_new();
    suite->open = EVP_CIPHER_CTX_new();
    bool done = suite->seal && suite->open && derive(key_size, master, salt_size, labels + LABEL_KEY, key, key_size) &&
                derive(key_size, master, salt_size, labels + LABEL_SALT, suite->salt, salt_size) &&
                derive(key_size, master, salt_size, labels + LABEL_AUTHENTICATION, authentication, HASH) &&
                EVP_EncryptInit_ex(suite->seal, cipher, NULL, key, NULL) && EVP_DecryptInit_ex(suite->open, cipher, NULL, key, NULL);
    hash_begin(&suite->inner, authentication, 0x36);
    hash_begin(&suite->outer, authentication, 0x5C);
    OPENSSL_cleanse(key, sizeof key);
    OPENSSL_cleanse(authentication, sizeof authentication);
    return done;
}

struct srtp *srtp_new(int profile, const uint8_t *key, size_t size)
{
    bool gcm = profile != SRTP_CM_80;
    int key_size = profile == SRTP_GCM_256 ? 32 : 16;
    if (profile < SRTP_GCM_128 || profile > SRTP_CM_80 || size != (size_t)key_size + (gcm ? 12 : 14))
        return NULL;
    struct srtp *srtp = calloc(1, sizeof *srtp);
    if (!srtp)
        return NULL;
    srtp->gcm = gcm;
    if (!suite_begin(&srtp->media, gcm, key_size, key, 0) || !suite_begin(&srtp->control, gcm, key_size, key, 3)) {
        srtp_free(srtp);
        return NULL;
    }
    return srtp;
}

void srtp_free(struct srtp *srtp)
{
    if (!srtp)
        return;
    for (struct suite *suite = &srtp->media; suite; suite = suite == &srtp->media ? &srtp->control : NULL) {
        EVP_CIPHER_CTX_free(suite->seal);
        EVP_CIPHER_CTX_free(suite->open);
    }
    free(srtp->streams);
    OPENSSL_cleanse(srtp, sizeof *srtp);
    free(srtp);
}

/* The state of an SSRC. With `add`, a new one is added unless there are too many; NULL if there is none. */
static struct seen *seen_of(struct srtp *srtp, uint32_t ssrc, bool add)
{
    for (int i = 0; i < srtp->count; i++)
        if (srtp->streams[i].ssrc == ssrc)
            return &srtp->streams[i];
    if (!add || srtp->count >= SRTP_STREAMS)
        return NULL;
    if (srtp->count == srtp->room) {
        int room = srtp->room ? srtp->room * 2 : 2;
        struct seen *more = realloc(srtp->streams, (size_t)room * sizeof *more);
        if (!more)
            return NULL;
        srtp->streams = more;
        srtp->room = room;
    }
    struct seen *seen = &srtp->streams[srtp->count++];
    memset(seen, 0, sizeof *seen);
    seen->ssrc = ssrc;
    return seen;
}

static void gcm_iv(uint8_t iv[12], const struct suite *suite, uint32_t ssrc, uint64_t index)
{
    memset(iv, 0, 12); /* RFC 7714, 8.1; with an SRTCP index the 48 bits are its 31 as well (9.1) */
    put32(iv + 2, ssrc);
    put16(iv + 6, (uint16_t)(index >> 32));
    put32(iv + 8, (uint32_t)index);
    for (int i = 0; i < 12; i++)
        iv[i] ^= suite->salt[i];
}

static void cm_iv(uint8_t iv[16], const struct suite *suite, uint32_t ssrc, uint64_t index)
{
    memcpy(iv, suite->salt, 14); /* RFC 3711, 4.1.1 */
    iv[14] = iv[15] = 0;
    uint8_t mask[10];
    put32(mask, ssrc);
    put16(mask + 4, (uint16_t)(index >> 32));
    put32(mask + 6, (uint32_t)index);
    for (int i = 0; i < 10; i++)
        iv[4 + i] ^= mask[i];
}

static bool gcm_seal(struct suite *suite, const uint8_t iv[12], const uint8_t *clear, int clear_size, const uint8_t *more, int more_size,
                     uint8_t *out, const uint8_t *in, int size)
{
    int written;
    return EVP_EncryptInit_ex(suite->seal, NULL, NULL, NULL, iv) && EVP_EncryptUpdate(suite->seal, NULL, &written, clear, clear_size) &&
           (!more_size || EVP_EncryptUpdate(suite->seal, NULL, &written, more, more_size)) &&
           (!size || EVP_EncryptUpdate(suite->seal, out, &written, in, size)) && EVP_EncryptFinal_ex(suite->seal, out + size, &written) &&
           EVP_CIPHER_CTX_ctrl(suite->seal, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, out + size);
}

static bool gcm_open(struct suite *suite, const uint8_t iv[12], const uint8_t *clear, int clear_size, const uint8_t *more, int more_size,
                     uint8_t *data, int size)
{
    int written;
#ifdef ENGINE_FUZZED /* for fuzzing: reach what lies behind it */
    (void)suite, (void)iv, (void)clear, (void)clear_size, (void)more, (void)more_size, (void)data, (void)size, (void)written;
    return true;
#else
    return EVP_DecryptInit_ex(suite->open, NULL, NULL, NULL, iv) &&
           EVP_CIPHER_CTX_ctrl(suite->open, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, data + size) &&
           EVP_DecryptUpdate(suite->open, NULL, &written, clear, clear_size) &&
           (!more_size || EVP_DecryptUpdate(suite->open, NULL, &written, more, more_size)) &&
           (!size || EVP_DecryptUpdate(suite->open, data, &written, data, size)) &&
           EVP_DecryptFinal_ex(suite->open, data + size, &written) > 0;
#endif
}

static bool cm_crypt(struct suite *suite, const uint8_t iv[16], uint8_t *out, const uint8_t *in, int size)
{
    int written; /* counter mode is its own inverse */
#ifdef ENGINE_FUZZED
    if (out == in)
        return true;
#endif
    return EVP_EncryptInit_ex(suite->seal, NULL, NULL, NULL, iv) && (!size || EVP_EncryptUpdate(suite->seal, out, &written, in, size));
}

/* HMAC-SHA1 over the data and, for RTP, the rollover counter. */
static void cm_tag(const struct suite *suite, const uint8_t *data, int size, const uint32_t *roc, uint8_t tag[HASH])
{
    SHA_CTX hash = suite->inner;
    SHA1_Update(&hash, data, (size_t)size);
    if (roc) {
        uint8_t counter[4];
        put32(counter, *roc);
        SHA1_Update(&hash, counter, 4);
    }
    SHA1_Final(tag, &hash);
    hash = suite->outer;
    SHA1_Update(&hash, tag, HASH);
    SHA1_Final(tag, &hash);
}

static bool cm_authentic(const struct suite *suite, const uint8_t *data, int size, const uint32_t *roc)
{
    uint8_t tag[HASH];
    cm_tag(suite, data, size, roc, tag);
#ifdef ENGINE_FUZZED
    return true;
#else
    return CRYPTO_memcmp(tag, data + size, CM_TAG) == 0;
#endif
}

int srtp_protect(struct srtp *srtp, uint8_t *out, int header, const uint8_t *payload, int size, uint64_t index)
{
    struct suite *suite = &srtp->media;
    uint32_t ssrc = get32(out + 8), roc = (uint32_t)(index >> 16);
    uint8_t iv[16], tag[HASH];
    if (index >> 48)
        return -1;
    if (srtp->gcm) {
        gcm_iv(iv, suite, ssrc, index);
        return gcm_seal(suite, iv, out, header, NULL, 0, out + header, payload, size) ? header + size + GCM_TAG : -1;
    }
    cm_iv(iv, suite, ssrc, index);
    if (!cm_crypt(suite, iv, out + header, payload, size))
        return -1;
    cm_tag(suite, out, header + size, &roc, tag);
    memcpy(out + header + size, tag, CM_TAG);
    return header + size + CM_TAG;
}

int srtcp_protect(struct srtp *srtp, uint8_t *data, int size)
{
    struct suite *suite = &srtp->control;
    uint8_t iv[16], word[4], tag[HASH];
    if (size < 8)
        return -1;
    uint32_t ssrc = get32(data + 4);
    struct seen *seen = seen_of(srtp, ssrc, true);
    if (!seen || seen->control_index >= 0x7FFFFFFF)
        return -1;
    uint32_t index = ++seen->control_index;
    put32(word, index);
    word[0] |= ENCRYPTED;
    if (srtp->gcm) {
        gcm_iv(iv, suite, ssrc, index);
        if (!gcm_seal(suite, iv, data, 8, word, 4, data + 8, data + 8, size - 8))
            return -1;
        memcpy(data + size + GCM_TAG, word, 4);
        return size + GCM_TAG + 4;
    }
    cm_iv(iv, suite, ssrc, index);
    if (!cm_crypt(suite, iv, data + 8, data + 8, size - 8))
        return -1;
    memcpy(data + size, word, 4);
    cm_tag(suite, data, size + 4, NULL, tag);
    memcpy(data + size + 4, tag, CM_TAG);
    return size + 4 + CM_TAG;
}

/* Bytes of the RTP header with its extension, which stay in clear; -1 if they exceed `size`. */
static int header_size(const uint8_t *data, int size)
{
    if (size < 12)
        return -1;
    int header = 12 + 4 * (data[0] & 15);
    if (data[0] & 0x10) {
        if (header + 4 > size)
            return -1;
        header += 4 + 4 * get16(data + header + 2);
    }
    return header <= size ? header : -1;
}

int srtp_unprotect(struct srtp *srtp, uint8_t *data, int size)
{
    struct suite *suite = &srtp->media;
    uint8_t iv[16];
    size -= srtp->gcm ? GCM_TAG : CM_TAG;
    int header = header_size(data, size);
    if (header < 0 || data[0] >> 6 != 2)
        return -1;
    uint32_t ssrc = get32(data + 8);
    struct seen *seen = seen_of(srtp, ssrc, false);
    if (!seen && srtp->count >= SRTP_STREAMS)
        return -1;
    uint64_t index = seen ? replay_index(&seen->media, get16(data + 2)) : get16(data + 2);
    if (index >> 48 || (seen && !replay_fresh(&seen->media, index, SRTP_WINDOW)))
        return -1;
    uint32_t roc = (uint32_t)(index >> 16);
    if (srtp->gcm) {
        gcm_iv(iv, suite, ssrc, index);
        if (!gcm_open(suite, iv, data, header, NULL, 0, data + header, size - header))
            return -1;
    } else {
        if (!cm_authentic(suite, data, size, &roc))
            return -1;
        cm_iv(iv, suite, ssrc, index);
        if (!cm_crypt(suite, iv, data + header, data + header, size - header))
            return -1;
    }
    seen = seen ? seen : seen_of(srtp, ssrc, true);
    if (!seen)
        return -1;
    replay_mark(&seen->media, index);
    return size;
}

int srtcp_unprotect(struct srtp *srtp, uint8_t *data, int size)
{
    struct suite *suite = &srtp->control;
    uint8_t iv[16], word[4];
    size -= srtp->gcm ? GCM_TAG + 4 : CM_TAG + 4;
    if (size < 8 || data[0] >> 6 != 2)
        return -1;
    memcpy(word, data + size + (srtp->gcm ? GCM_TAG : 0), 4);
    if (!(word[0] & ENCRYPTED))
        return -1;
    uint32_t ssrc = get32(data + 4), index = get32(word) & 0x7FFFFFFF;
    struct seen *seen = seen_of(srtp, ssrc, false);
    if (seen ? !replay_fresh(&seen->control, index, SRTCP_WINDOW) : srtp->count >= SRTP_STREAMS)
        return -1;
    if (srtp->gcm) {
        gcm_iv(iv, suite, ssrc, index);
        if (!gcm_open(suite, iv, data, 8, word, 4, data + 8, size - 8))
            return -1;
    } else {
        if (!cm_authentic(suite, data, size + 4, NULL))
            return -1;
        cm_iv(iv, suite, ssrc, index);
        if (!cm_crypt(suite, iv, data + 8, data + 8, size - 8))
            return -1;
    }
    seen = seen ? seen : seen_of(srtp, ssrc, true);
    if (!seen)
        return -1;
    replay_mark(&seen->control, index);
    return size;
}
