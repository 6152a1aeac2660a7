/* What arrives: counted by its clear header, and with peers that verify decrypted and compared with what was sent. */
#include "state.h"

static void wants_key(load *l, int peer, uint32_t ssrc)
{
    l->totals.key_requests++;
    for (int n = 0; n < l->stream_count; n++)
        if (l->streams[n]->spec.peer == peer && l->streams[n]->spec.ssrc == ssrc)
            l->streams[n]->key = true;
}

typedef struct {
    load *load;
    int peer;
    int64_t at;
} arrival;

static void take_message(void *context, const rtcp_message *m)
{
    arrival *a = context;
    load *l = a->load;
    peer *p = l->peers[a->peer];
    inflow *f = m->kind == RTCP_SENDER_REPORT ? peer_inflow(p, m->ssrc, false) : NULL;
    outflow *o = m->kind == RTCP_REPORT_BLOCK ? peer_outflow(p, m->ssrc) : NULL;
    if (m->kind == RTCP_KEY_REQUEST)
        wants_key(l, a->peer, m->ssrc);
    l->totals.nacks += m->kind == RTCP_LOST;
    l->totals.feedback_got += m->kind == RTCP_FEEDBACK;
    if (f)
        f->sender_report = m->middle, f->sender_report_at = a->at;
    if (o && m->lost > o->lost) {
        l->totals.up_lost += m->lost - o->lost;
        o->lost = m->lost;
    }
}

static void take_rtcp(load *l, int n, uint8_t *data, size_t size, int64_t at)
{
    size = srtcp_unprotect(l->peers[n]->receive, data, size);
    l->totals.forged += !size;
    rtcp_read(data, size, take_message, &(arrival){l, n, at});
}

/* Whether the payload begins a key frame (RFC 7741, 4.2 and 4.3). */
static bool begins_key(const uint8_t *payload)
{
    int at = 1;
    if (payload[0] & 0x80) {
        uint8_t more = payload[at++];
        if (more & 0x80)
            at += payload[at] & 0x80 ? 2 : 1;
        at += (more >> 6 & 1) + ((more & 0x30) != 0);
    }
    return (payload[0] & 0x17) == 0x10 && !(payload[at] & 1);
}

static void verify(load *l, peer *p, inflow *f, uint8_t *data, size_t start, size_t size, uint32_t number, int64_t at)
{
    size_t end = srtp_unprotect(p->receive, data, start, size, number >> 16);
    if (!end || end < start + STAMP || get32(data + end - STAMP) != STAMP_MARK) {
        l->totals.forged++;
        return;
    }
    uint8_t *stamp = data + end - STAMP;
    int64_t sent = (int64_t)get32(stamp + 12) << 32 | get32(stamp + 16), took = at - sent;
    uint32_t from = get32(stamp + 4), index = get32(stamp + 8);
    l->histogram[took < 0 ? 0 : took / BIN > BINS ? BINS : took / BIN]++;
    if (from < (uint32_t)l->stream_count && l->streams[from]->spec.video_kbps && from != f->from && !begins_key(data + start))
        l->totals.unheralded++;
    int32_t gap = index - f->index;
    if (from == f->from && gap > 1)
        l->totals.missing += gap - 1;
    if (from != f->from || gap > 0)
        f->from = from, f->index = index;
}

static void take_rtp(load *l, peer *p, uint8_t *data, size_t size, int64_t at)
{
    size_t start = 12 + 4 * (data[0] & 15);
    uint8_t type = data[1] & 0x7F;
    if (data[0] & 0x10) {
        if (p->transport_sequence)
            peer_arrived(p, rtp_transport_number(data, size, start, p->transport_sequence), at);
        start += 4 + 4 * get16(data + start + 2);
    }
    if (start >= size) {
        l->totals.strange++;
        return;
    }
    for (int i = 0; i < 4 && p->repair[i]; i++)
        if (type == p->repair[i]) {
            l->totals.repair++;
            return;
        }
    inflow *f = peer_inflow(p, get32(data + 8), true);
    if (!f) {
        l->totals.strange++;
        return;
    }
    uint32_t number = inflow_count(f, get16(data + 2), get32(data + 4), type, at);
    p->received++;
    p->pictures += type < 111; /* Opus has 111 in all our offers */
    l->totals.octets += size;
    if (p->verifies)
        verify(l, p, f, data, start, size, number, at);
}

void sweep(load *l, int n)
{
    peer *p = l->peers[n];
    int got;
    do {
        for (int i = 0; i < BATCH; i++)
            l->messages[i].msg_hdr.msg_controllen = sizeof l->control[i];
        got = recvmmsg(p->fd, l->messages, BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < got; i++) {
            uint8_t *data = l->buffers[i];
            size_t size = l->messages[i].msg_len;
            struct cmsghdr *c = CMSG_FIRSTHDR(&l->messages[i].msg_hdr);
            int64_t at = 0;
            if (c && c->cmsg_type == SO_TIMESTAMPNS) {
                struct timespec *t = (struct timespec *)CMSG_DATA(c);
                at = t->tv_sec * SECOND + t->tv_nsec;
            }
            if (size >= 12 && (data[0] & 0xC0) == 0x80) {
                if (data[1] >= 192 && data[1] <= 223)
                    take_rtcp(l, n, data, size, at);
                else
                    take_rtp(l, p, data, size, at);
            } else if (size >= 20 && data[0] < 4)
                l->totals.checked++;
            else
                l->totals.strange++;
        }
    } while (got == BATCH);
}
