/* One thread does everything: it sends what is due, and in between reads one socket after the other. It never waits for a
   socket: every 10 ms each is read once, however much has come. So no packet of the server's pays for waking us, as none
   does on a network, and latencies come from the kernel's receive time, not from when we look. */
#include "state.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FEEDBACK = 100000000 }; /* nanoseconds between two */
static const int64_t CONSENT = 5 * SECOND;

load *load_new(void)
{
    load *l = calloc(1, sizeof *l);
    l->paused = true;
    for (int i = 0; i < BATCH; i++) {
        l->vectors[i] = (struct iovec){l->buffers[i], BUFFER};
        l->messages[i].msg_hdr = (struct msghdr){.msg_iov = &l->vectors[i], .msg_iovlen = 1, .msg_control = l->control[i]};
    }
    return l;
}

void load_free(load *l)
{
    for (int i = 0; i < l->peer_count; i++) {
        close(l->peers[i]->fd);
        srtp_free(l->peers[i]->send);
        srtp_free(l->peers[i]->receive);
        free(l->peers[i]);
    }
    for (int i = 0; i < l->stream_count; i++)
        free(l->streams[i]);
    free(l);
}

int load_peer(load *l, const peer_spec *spec)
{
    int n = l->peer_count, on = 1, room = 4 << 20;
    if (n == PEERS)
        return -1;
    peer *p = l->peers[n] = calloc(1, sizeof *p);
    p->fd = spec->fd;
    setsockopt(p->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    p->send = srtp_new(spec->profile, spec->send_key);
    p->receive = srtp_new(spec->profile, spec->receive_key);
    memcpy(p->check, spec->check, spec->check_size);
    p->check_size = spec->check_size;
    p->verifies = spec->verifies;
    memcpy(p->repair, spec->repair, sizeof p->repair);
    p->transport_sequence = spec->transport_sequence;
    p->ssrc = spec->ssrc;
    p->remb_kbps = spec->remb_kbps;
    int64_t now = clock_at(CLOCK_MONOTONIC);
    p->report_due = now + rand() % REPORTS; /* spread, as real ones are */
    p->feedback_due = now + rand() % FEEDBACK;
    p->check_due = now + rand() % CONSENT;
    l->peer_count = n + 1; /* now the other thread sees it */
    return n;
}

int load_stream(load *l, const stream_spec *spec)
{
    int n = l->stream_count;
    if (n == STREAMS)
        return -1;
    stream *s = l->streams[n] = calloc(1, sizeof *s);
    s->spec = *spec;
    s->on = s->key = true;
    s->kbps = spec->video_kbps;
    s->level = spec->level;
    s->number = rand() & 0x7FFF; /* RFC 3711 wants room before the first rollover */
    s->timestamp = rand();
    s->picture = rand();
    s->due = s->frame_due = clock_at(CLOCK_MONOTONIC) + spec->delay;
    s->report_due = s->due + rand() % REPORTS;
    l->stream_count = n + 1;
    return n;
}

void load_enable(load *l, int n, bool on)
{
    if (on && !l->streams[n]->on)
        l->streams[n]->key = true; /* an encoder that begins again */
    l->streams[n]->on = on;
}

void load_level(load *l, int n, uint8_t level) { l->streams[n]->level = level; }
void load_rate(load *l, int n, int kbps) { l->streams[n]->kbps = kbps; }
void load_pause(load *l, bool on) { l->paused = on; }
void load_stop(load *l) { l->stopped = true; }
uint64_t load_received(load *l, int n) { return l->peers[n]->received; }
uint64_t load_pictures(load *l, int n) { return l->peers[n]->pictures; }

void load_reset(load *l)
{
    memset(l->histogram, 0, sizeof l->histogram);
    l->totals.late = 0;
}

double load_latency(load *l, double part)
{
    uint64_t all = 0, seen = 0;
    for (int i = 0; i <= BINS; i++)
        all += l->histogram[i];
    for (int i = 0; i <= BINS; i++)
        if ((seen += l->histogram[i]) > part * all || seen == all)
            return (i + 0.5) * BIN / 1e9;
    return 0;
}

load_totals load_sum(load *l)
{
    load_totals sum = l->totals;
    for (int i = 0; i < l->peer_count; i++) {
        peer *p = l->peers[i];
        sum.received += p->received;
        sum.feedback_sent += p->feedback_count;
        for (int k = 0; k < p->inflow_count; k++) {
            inflow *f = &p->inflows[k];
            uint64_t expected = f->highest - f->first + 1;
            sum.expected += expected;
            sum.lost += expected > f->packets ? expected - f->packets : 0;
        }
    }
    return sum;
}

static void tell(load *l, peer *p, int64_t now)
{
    uint8_t packet[BUFFER];
    if (p->transport_sequence && p->feedback_due <= now) {
        p->feedback_due = now + FEEDBACK;
        for (size_t size; (size = peer_feedback(p, packet));)
            send_report(p, packet, size);
    }
    if (p->report_due <= now) {
        p->report_due = now + REPORTS;
        if (p->inflow_count)
            send_report(p, packet, peer_report(p, packet, clock_at(CLOCK_REALTIME)));
    }
    if (p->check_due <= now) {
        p->check_due = now + CONSENT;
        send(p->fd, p->check, p->check_size, 0);
        l->totals.checks++;
    }
}

void load_run(load *l)
{
    setpriority(PRIO_PROCESS, gettid(), -19); /* if it may; the interpreter beside it must not delay packets */
    int64_t began = clock_at(CLOCK_MONOTONIC), now = began;
    int place = 0;
    while (!l->stopped) {
        int64_t next = send_due(l, now);
        now = clock_at(CLOCK_MONOTONIC);
        while (place < l->peer_count && now < next) {
            sweep(l, place);
            tell(l, l->peers[place++], now);
            now = clock_at(CLOCK_MONOTONIC);
        }
        if (place >= l->peer_count && now - began >= SWEEP)
            place = 0, began = now;
        else if (place >= l->peer_count) {
            int64_t until = next < began + SWEEP ? next : began + SWEEP;
            struct timespec t = {until / SECOND, until % SECOND};
            if (until > now)
                clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
            now = clock_at(CLOCK_MONOTONIC);
        }
    }
}
