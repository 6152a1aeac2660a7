/* Datagrams gathered for one system call. What one receiver gets in equal sizes (the last may be shorter), whoever else gets
   something in between, becomes one message that the kernel cuts (UDP_SEGMENT): the way through its stack is paid once. */
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
    int size, segment, segments;
    int first, last; /* of its datagrams */
    bool full;
};

struct datagram {
    int at, size, next; /* next: of the same message */
};

struct out {
    int count, used, datagrams;
    uint32_t round; /* counts flushes; 0 is none */
    int refusals; /* of segmentation, one after the other; too many and it is not tried any more */
    struct message messages[OUT_MESSAGES];
    struct mmsghdr headers[OUT_MESSAGES];
    struct sockaddr_storage names[OUT_MESSAGES];
    union {
        char bytes[CMSG_SPACE(sizeof(uint16_t))];
        struct cmsghdr align;
    } controls[OUT_MESSAGES];
    struct datagram parts[OUT_DATAGRAMS];
    struct iovec vectors[OUT_DATAGRAMS];
    _Alignas(64) uint8_t bytes[OUT_BYTES];
};

struct out *out_new(void)
{
    struct out *out = aligned_alloc(64, (sizeof *out + 63) / 64 * 64);
    if (out) {
        memset(out, 0, sizeof *out); /* warms it up, too */
        out->round = 1;
    }
    return out;
}

void out_free(struct out *out) { free(out); }

uint8_t *out_reserve(struct engine *engine)
{
    struct out *out = engine->out;
    if (out->count == OUT_MESSAGES || out->datagrams == OUT_DATAGRAMS || out->used + ROOM > OUT_BYTES)
        out_flush(engine);
    return out->bytes + out->used;
}

void out_commit(struct engine *engine, struct peer *peer, int size)
{
    struct out *out = engine->out;
    struct message *last = peer->out_round == out->round ? &out->messages[peer->out_last] : NULL;
    int part = out->datagrams++;
    peer->traffic.sent += size;
    engine->left++;
    out->parts[part] = (struct datagram){out->used, size, -1};
    out->used += size;
    if (last && !last->full && size <= last->segment) {
        out->parts[last->last].next = part;
        last->last = part;
        last->size += size;
        last->segments++;
        last->full = size < last->segment || last->segments == SEGMENTS || last->size + last->segment > SEGMENTED;
        return;
    }
    int i = out->count++;
    out->messages[i] = (struct message){size, size, 1, part, part, size > LONGEST_SEGMENT || out->refusals >= REFUSALS};
    memcpy(&out->names[i], &peer->address, peer->address_size);
    out->headers[i].msg_hdr = (struct msghdr){.msg_name = &out->names[i], .msg_namelen = peer->address_size};
    peer->out_round = out->round;
    peer->out_last = i;
}

static void send_apart(struct engine *engine, int i)
{
    struct out *out = engine->out;
    for (int part = out->messages[i].first; part >= 0; part = out->parts[part].next)
        sendto(engine->socket, out->bytes + out->parts[part].at, (size_t)out->parts[part].size, MSG_DONTWAIT, (struct sockaddr *)&out->names[i],
               out->headers[i].msg_hdr.msg_namelen);
}

/* What lies together is named together. */
static int name_parts(struct out *out, const struct message *message, struct iovec *vectors)
{
    int count = 0, end = -1;
    for (int part = message->first; part >= 0; part = out->parts[part].next) {
        const struct datagram *datagram = &out->parts[part];
        if (datagram->at == end)
            vectors[count - 1].iov_len += (size_t)datagram->size;
        else
            vectors[count++] = (struct iovec){out->bytes + datagram->at, (size_t)datagram->size};
        end = datagram->at + datagram->size;
    }
    return count;
}

void out_flush(struct engine *engine)
{
    struct out *out = engine->out;
    struct iovec *vectors = out->vectors;
    for (int i = 0; i < out->count; i++) {
        struct msghdr *header = &out->headers[i].msg_hdr;
        header->msg_iov = vectors;
        header->msg_iovlen = (size_t)name_parts(out, &out->messages[i], vectors);
        vectors += header->msg_iovlen;
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
    out->count = out->used = out->datagrams = 0;
    out->round += 1 + (out->round == UINT32_MAX);
}
