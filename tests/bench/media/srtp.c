#include "srtp.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

enum { HMAC_TAG = 10, GCM_TAG = 16, ENCRYPTED = 0x80 };

typedef struct { /* session keys of RTP or of RTCP */
    EVP_CIPHER_CTX *cipher;
    EVP_MAC_CTX *mac;
    uint8_t salt[14];
} session;

struct srtp {
    int gcm;
    session rtp, rtcp;
    uint32_t index; /* of the last SRTCP packet sent */
};

/* RFC 3711, 4.3: session key material is the key stream at a place that the label names. */
static void derive(const uint8_t *master, size_t key_size, const uint8_t salt[14], uint8_t label, uint8_t *out, int size)
{
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    uint8_t iv[16] = {0}, zero[32] = {0};
    int n;
    memcpy(iv, salt, 14);
    iv[7] ^= label;
    EVP_EncryptInit_ex(c, key_size == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr(), NULL, master, iv);
    EVP_EncryptUpdate(c, out, &n, zero, size);
    EVP_CIPHER_CTX_free(c);
}

static void begin(session *s, int gcm, const uint8_t *master, size_t key_size, const uint8_t salt[14], uint8_t label)
{
    uint8_t key[32], auth[20];
    derive(master, key_size, salt, label, key, (int)key_size);
    derive(master, key_size, salt, label + 2, s->salt, 14);
    s->cipher = EVP_CIPHER_CTX_new();
    const EVP_CIPHER *kind = !gcm ? EVP_aes_128_ctr() : key_size == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
    EVP_CipherInit_ex(s->cipher, kind, NULL, key, NULL, 1);
    if (gcm)
        return;
    derive(master, key_size, salt, label + 1, auth, sizeof auth);
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    s->mac = EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);
    OSSL_PARAM digest[] = {OSSL_PARAM_construct_utf8_string("digest", "SHA1", 0), OSSL_PARAM_construct_end()};
    EVP_MAC_init(s->mac, auth, sizeof auth, digest);
}

srtp *srtp_new(const char *profile, const uint8_t *key)
{
    size_t key_size = strstr(profile, "256") ? 32 : 16;
    int gcm = strstr(profile, "GCM") != NULL;
    if (!gcm && strcmp(profile, "SRTP_AES128_CM_SHA1_80"))
        return NULL;
    srtp *s = calloc(1, sizeof *s);
    uint8_t salt[14] = {0};
    memcpy(salt, key + key_size, gcm ? 12 : 14);
    s->gcm = gcm;
    begin(&s->rtp, gcm, key, key_size, salt, 0);
    begin(&s->rtcp, gcm, key, key_size, salt, 3);
    return s;
}

void srtp_free(srtp *s)
{
    if (!s)
        return;
    for (session *x = &s->rtp; x <= &s->rtcp; x++) {
        EVP_CIPHER_CTX_free(x->cipher);
        EVP_MAC_CTX_free(x->mac);
    }
    free(s);
}

/* AES counter mode: the key stream is XORed, there and back. */
static void stream(session *s, uint32_t ssrc, uint32_t high, uint32_t low16, uint8_t *data, size_t size)
{
    uint8_t iv[16] = {0}, place[10];
    int n;
    memcpy(iv, s->salt, 14);
    put32(place, ssrc);
    put32(place + 4, high);
    put16(place + 8, low16);
    for (int i = 0; i < 10; i++)
        iv[4 + i] ^= place[i];
    EVP_CipherInit_ex(s->cipher, NULL, NULL, NULL, iv, 1);
    EVP_CipherUpdate(s->cipher, data, &n, data, (int)size);
}

static void tag(session *s, const uint8_t *data, size_t size, const uint8_t *more, size_t more_size, uint8_t out[20])
{
    size_t n;
    EVP_MAC_init(s->mac, NULL, 0, NULL);
    EVP_MAC_update(s->mac, data, size);
    EVP_MAC_update(s->mac, more, more_size);
    EVP_MAC_final(s->mac, out, &n, 20);
}

/* Returns 0 if the tag, which stands or is put behind the data, does not fit. */
static int gcm(session *s, int encrypt, uint32_t ssrc, uint32_t middle, uint32_t low16, const uint8_t *aad, size_t aad_size,
               const uint8_t *more, size_t more_size, uint8_t *data, size_t size)
{
    uint8_t iv[12] = {0};
    int n;
    put32(iv + 2, ssrc);
    put32(iv + 6, middle);
    put16(iv + 10, low16);
    for (int i = 0; i < 12; i++)
        iv[i] ^= s->salt[i];
    EVP_CipherInit_ex(s->cipher, NULL, NULL, NULL, iv, encrypt);
    EVP_CipherUpdate(s->cipher, NULL, &n, aad, (int)aad_size);
    if (more_size)
        EVP_CipherUpdate(s->cipher, NULL, &n, more, (int)more_size);
    EVP_CipherUpdate(s->cipher, data, &n, data, (int)size);
    if (!encrypt)
        EVP_CIPHER_CTX_ctrl(s->cipher, EVP_CTRL_GCM_SET_TAG, GCM_TAG, data + size);
    if (EVP_CipherFinal_ex(s->cipher, data + size, &n) != 1)
        return 0;
    if (encrypt)
        EVP_CIPHER_CTX_ctrl(s->cipher, EVP_CTRL_GCM_GET_TAG, GCM_TAG, data + size);
    return 1;
}

size_t srtp_protect(srtp *s, uint8_t *p, size_t header, size_t size, uint32_t rollovers)
{
    uint32_t ssrc = get32(p + 8), number = get16(p + 2);
    uint8_t roc[4], digest[20];
    if (s->gcm) {
        gcm(&s->rtp, 1, ssrc, rollovers, number, p, header, NULL, 0, p + header, size - header);
        return size + GCM_TAG;
    }
    stream(&s->rtp, ssrc, rollovers, number, p + header, size - header);
    put32(roc, rollovers);
    tag(&s->rtp, p, size, roc, 4, digest);
    memcpy(p + size, digest, HMAC_TAG);
    return size + HMAC_TAG;
}

size_t srtp_unprotect(srtp *s, uint8_t *p, size_t header, size_t size, uint32_t rollovers)
{
    uint32_t ssrc = get32(p + 8), number = get16(p + 2);
    uint8_t roc[4], digest[20];
    size_t end = size - (s->gcm ? GCM_TAG : HMAC_TAG);
    if (size < header + (s->gcm ? GCM_TAG : HMAC_TAG))
        return 0;
    if (s->gcm)
        return gcm(&s->rtp, 0, ssrc, rollovers, number, p, header, NULL, 0, p + header, end - header) ? end : 0;
    put32(roc, rollovers);
    tag(&s->rtp, p, end, roc, 4, digest);
    if (CRYPTO_memcmp(digest, p + end, HMAC_TAG))
        return 0;
    stream(&s->rtp, ssrc, rollovers, number, p + header, end - header);
    return end;
}

size_t srtcp_protect(srtp *s, uint8_t *p, size_t size)
{
    uint32_t ssrc = get32(p + 4), index = ++s->index;
    uint8_t word[4], digest[20];
    put32(word, index);
    word[0] |= ENCRYPTED;
    if (s->gcm) {
        gcm(&s->rtcp, 1, ssrc, index >> 16, index, p, 8, word, 4, p + 8, size - 8);
        memcpy(p + size + GCM_TAG, word, 4);
        return size + GCM_TAG + 4;
    }
    stream(&s->rtcp, ssrc, index >> 16, index, p + 8, size - 8);
    memcpy(p + size, word, 4);
    tag(&s->rtcp, p, size, word, 4, digest);
    memcpy(p + size + 4, digest, HMAC_TAG);
    return size + 4 + HMAC_TAG;
}

size_t srtcp_unprotect(srtp *s, uint8_t *p, size_t size)
{
    uint8_t word[4], digest[20];
    size_t end = size - 4 - (s->gcm ? GCM_TAG : HMAC_TAG);
    if (size < 12 + (size_t)(s->gcm ? GCM_TAG : HMAC_TAG))
        return 0;
    memcpy(word, s->gcm ? p + size - 4 : p + end, 4);
    uint32_t ssrc = get32(p + 4), index = get32(word) & 0x7FFFFFFF;
    if (!(word[0] & ENCRYPTED))
        return 0;
    if (s->gcm)
        return gcm(&s->rtcp, 0, ssrc, index >> 16, index, p, 8, word, 4, p + 8, end - 8) ? end : 0;
    tag(&s->rtcp, p, end, word, 4, digest);
    if (CRYPTO_memcmp(digest, p + end + 4, HMAC_TAG))
        return 0;
    stream(&s->rtcp, ssrc, index >> 16, index, p + 8, end - 8);
    return end;
}
