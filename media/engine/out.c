/* Datagrams gathered for one system call. What follows one another to the same receiver in equal sizes (the last may be
   shorter) becomes one message that the kernel cuts (UDP_SEGMENT): the way through its stack is paid once. */
#include "core.h"
#include <errno.h>
#include <netinet/udp.h>
#include <poll.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum {
    WAIT_MS = 2,
    WAITS = 5,
    REFUSALS = 16,
    LONGEST_SEGMENT = 1452 /* bytes: what fits an Ethernet over IPv6; longer ones have to be fragmented, which segments are not */
};

struct message {
    const struct peer *peer;
    int size, segment, segments;
    bool full;
};

struct out {
    int count, used;
    int refusals; /* of segmentation, one after the other; too many and it is not tried any more */
    struct message messages[OUT_MESSAGES];
    struct mmsghdr headers[OUT_MESSAGES];
    struct iovec vectors[OUT_MESSAGES];
    struct sockaddr_storage names[OUT_MESSAGES];
    union {
        char bytes[CMSG_SPACE(sizeof(uint16_t))];
        struct cmsghdr align;
    } controls[OUT_MESSAGES];
    _Alignas(64) uint8_t bytes[OUT_BYTES];
};

struct out *out_new(void)
{
    struct out *out = aligned_alloc(64, (sizeof *out + 63) / 64 * 64);
    if (out)
        memset(out, 0, sizeof *out); /* warms it up, too */
    return out;
}

void out_free(struct out *out) { free(out); }

uint8_t *out_reserve(struct engine *engine)
{
    struct out *out = engine->out;
    if (out->count == OUT_MESSAGES || out->used + ROOM > OUT_BYTES)
        out_flush(engine);
    return out->bytes + out->used;
}

void out_commit(struct engine *engine, struct peer *peer, int size)
{
    struct out *out = engine->out;
    struct message *last = out->count ? &out->messages[out->count - 1] : NULL;
    peer->traffic.sent += size;
    engine->left++;
    if (last && last->peer == peer && !last->full && size <= last->segment) {
        last->size += size;
        last->segments++;
        last->full = size < last->segment || last->segments == SEGMENTS || last->size + last->segment > SEGMENTED;
    } else {
        int i = out->count++;
        out->messages[i] = (struct message){peer, size, size, 1, size > LONGEST_SEGMENT || out->refusals >= REFUSALS};
        out->vectors[i].iov_base = out->bytes + out->used;
        memcpy(&out->names[i], &peer->address, peer->address_size);
        out->headers[i].msg_hdr = (struct msghdr){.msg_name = &out->names[i], .msg_namelen = peer->address_size};
    }
    out->used += size;
}

static void send_apart(struct engine *engine, int i)
{
    struct out *out = engine->out;
    const struct message *message = &out->messages[i];
    const uint8_t *bytes = out->vectors[i].iov_base;
    for (int at = 0; at < message->size; at += message->segment) {
        int size = message->size - at < message->segment ? message->size - at : message->segment;
        sendto(engine->socket, bytes + at, (size_t)size, MSG_DONTWAIT, (struct sockaddr *)&out->names[i], out->headers[i].msg_hdr.msg_namelen);
    }
}

void out_flush(struct engine *engine)
{
    struct out *out = engine->out;
    for (int i = 0; i < out->count; i++) {
        struct msghdr *header = &out->headers[i].msg_hdr;
        out->vectors[i].iov_len = (size_t)out->messages[i].size;
        header->msg_iov = &out->vectors[i];
        header->msg_iovlen = 1;
        if (out->messages[i].segments > 1) {
            header->msg_control = &out->controls[i];
            header->msg_controllen = sizeof out->controls[i];
            struct cmsghdr *control = CMSG_FIRSTHDR(header);
            uint16_t segment = (uint16_t)out->messages[i].segment;
            control->cmsg_level = IPPROTO_UDP;
            control->cmsg_type = UDP_SEGMENT;
            control->cmsg_len = CMSG_LEN(sizeof segment);
            memcpy(CMSG_DATA(control), &segment, sizeof segment);
        }
    }
    int done = 0, waits = 0;
#ifdef ENGINE_FUZZED /* nothing leaves */
    done = out->count;
#endif
    while (done < out->count) {
        int sent = sendmmsg(engine->socket, out->headers + done, (unsigned)(out->count - done), MSG_DONTWAIT);
        if (sent > 0) {
            for (int i = done; i < done + sent && out->refusals; i++)
                if (out->messages[i].segments > 1)
                    out->refusals = 0;
            done += sent;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            struct pollfd writable = {.fd = engine->socket, .events = POLLOUT};
            if (++waits > WAITS || poll(&writable, 1, WAIT_MS) <= 0)
                break; /* on UDP a full buffer is loss */
        } else if (errno != EINTR) {
            if (out->messages[done].segments > 1) {
                out->refusals++;
                send_apart(engine, done);
            }
            done++; /* no route, no permission: loss as well */
        }
    }
    out->count = out->used = 0;
}
