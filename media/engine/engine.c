/* The thread that owns the port, and the engine as a whole. */
#include "core.h"
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { MANY = 400 };       /* datagrams sent in FEEDBACK_INTERVAL: then what comes next may wait for GATHER */
enum { BUFFER = 4 << 20 }; /* bytes of socket buffer: 0.1 s of 300 Mbit/s */
static const double FEEDBACK_INTERVAL = 0.05, PACER_INTERVAL = 0.005, LIVE = 1.0, GATHER = 0.005;
static const double PATIENCE = 0.1; /* seconds after which Python is told of what can wait, too */
static const double LONGEST_AGO = 0.5; /* seconds a datagram may have waited for us */

double clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Whoever waits holds the gate, so that the thread, which comes back to the lock at once, cannot pass it by. */
void engine_lock(struct engine *engine)
{
    pthread_mutex_lock(&engine->gate);
    pthread_mutex_lock(&engine->lock);
    pthread_mutex_unlock(&engine->gate);
}

void engine_unlock(struct engine *engine) { pthread_mutex_unlock(&engine->lock); }

void engine_wake(struct engine *engine) { eventfd_write(engine->wake, 1); }

static int open_socket(struct engine *engine, const struct address *host)
{
    struct sockaddr_storage name;
    int fd = socket(engine->ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, off = 0, buffer = BUFFER;
    if (fd < 0)
        return -1;
    if (engine->ipv6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer)) /* as root past the system's limit */
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer))
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    socklen_t size = address_to_socket(engine, host, &name);
    if (bind(fd, (struct sockaddr *)&name, size) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

struct engine *engine_open(const struct address *host, bool ipv6)
{
    struct engine *engine = calloc(1, sizeof *engine);
    if (!engine)
        return NULL;
    engine->ipv6 = ipv6;
    engine->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    engine->told_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    engine->ring = malloc(EVENT_BYTES);
    engine->out = out_new();
    pthread_mutex_init(&engine->gate, NULL);
    pthread_mutex_init(&engine->lock, NULL);
    engine->socket = open_socket(engine, host);
    int error = engine->socket < 0 ? errno : ENOMEM;
    if (engine->socket < 0 || !engine->ring || !engine->out || engine->wake < 0 || engine->told_fd < 0 ||
        getrandom(&engine->seed, sizeof engine->seed, 0) != sizeof engine->seed) {
        engine_close(engine);
        errno = error;
        return NULL;
    }
    return engine;
}

int engine_port(const struct engine *engine)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    struct address address = {.port = 0};
    if (getsockname(engine->socket, (struct sockaddr *)&name, &size) == 0)
        address_from_socket(&name, &address);
    return address.port;
}

static void check_live(struct engine *engine)
{
    for (struct source *source = engine->sources; source; source = source->later)
        for (int layer = 0; layer < source->layers; layer++)
            if (source->live[layer] > 0 && engine->now - source->live[layer] > LIVE) {
                source->live[layer] = 0;
                event_put(engine, (struct event){.kind = EVENT_LAYER, .id = source->id, .value = layer, .detail = false}, NULL, true);
            }
}

static void set_time(struct engine *engine)
{
    engine->now = clock_now();
    engine->abs_send = (uint32_t)(uint64_t)(engine->now * (1 << 18)) & 0xFFFFFF;
}

void engine_tick(struct engine *engine)
{
    for (struct peer *peer = engine->peers; peer; peer = peer->next) {
        if (peer->feedback)
            feedback_send(engine, peer);
        for (struct source *source = peer->sources; source; source = source->next)
            missing_ask(engine, source);
    }
    check_live(engine);
    if (engine->now >= engine->tell_at) {
        engine->tell_at = engine->now + PATIENCE - FEEDBACK_INTERVAL / 2;
        atomic_store(&engine->urgent, true);
    }
}

struct inbox {
    struct mmsghdr headers[BATCH];
    struct iovec vectors[BATCH];
    struct sockaddr_storage names[BATCH];
    union {
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
        struct cmsghdr align;
    } controls[BATCH];
    uint8_t bytes[BATCH][LARGEST];
};

static int receive(struct engine *engine, struct inbox *inbox)
{
    for (int i = 0; i < BATCH; i++) {
        inbox->vectors[i] = (struct iovec){inbox->bytes[i], LARGEST};
        inbox->headers[i].msg_hdr = (struct msghdr){.msg_name = &inbox->names[i], .msg_namelen = sizeof inbox->names[i],
                                                    .msg_iov = &inbox->vectors[i], .msg_iovlen = 1,
                                                    .msg_control = &inbox->controls[i], .msg_controllen = sizeof inbox->controls[i]};
    }
    return recvmmsg(engine->socket, inbox->headers, BATCH, MSG_DONTWAIT, NULL);
}

/* When the kernel took a datagram, by our clock: how long ago that was by the kernel's, which may jump. */
static double arrival(const struct engine *engine, const struct msghdr *header, double wall)
{
    const struct cmsghdr *control = CMSG_FIRSTHDR(header);
    struct timespec at;
    if (!control || control->cmsg_type != SCM_TIMESTAMPNS)
        return engine->now;
    memcpy(&at, CMSG_DATA(control), sizeof at);
    double ago = wall - ((double)at.tv_sec + (double)at.tv_nsec * 1e-9);
    return ago > 0 && ago < LONGEST_AGO ? engine->now - ago : engine->now;
}

/* Sleeps until something came, or until `due`; whether it may be packets. */
static bool rest(struct engine *engine, double due)
{
    struct pollfd fds[] = {{.fd = engine->socket, .events = POLLIN}, {.fd = engine->wake, .events = POLLIN}};
    double left = due - clock_now();
    struct timespec timeout = {0, left > 0 ? (long)(left * 1e9) + 1 : 0};
    eventfd_t ignored;
    bool any = ppoll(fds, 2, &timeout, NULL) > 0;
    if (any && fds[1].revents)
        eventfd_read(engine->wake, &ignored);
    return any && fds[0].revents;
}

/* Something came; waits for more. Most of what a datagram costs is its way through the kernel, which several for one receiver
   share when they leave together; and where many leave for each that comes, waiting for the next costs least. */
static void gather(void)
{
    static const struct timespec span = {0, (long)(GATHER * 1e9)};
    nanosleep(&span, NULL);
}

static void *run(void *given)
{
    struct engine *engine = given;
    struct inbox *inbox = calloc(1, sizeof *inbox);
    double tick_at = clock_now() + FEEDBACK_INTERVAL, pace_at = 0;
    bool pacing = false, busy = false;
    struct timespec wall;
    setpriority(PRIO_PROCESS, (id_t)gettid(), -15); /* as root: packets before everything else on a busy machine */
    while (inbox && !atomic_load(&engine->closing)) {
        int count = receive(engine, inbox);
        engine_lock(engine);
        set_time(engine);
        clock_gettime(CLOCK_REALTIME, &wall);
        for (int i = 0; i < count; i++) {
            engine->arrived = arrival(engine, &inbox->headers[i].msg_hdr, (double)wall.tv_sec + (double)wall.tv_nsec * 1e-9);
            receive_datagram(engine, inbox->bytes[i], (int)inbox->headers[i].msg_len, &inbox->names[i]);
        }
        forward_arrivals(engine);
        if (engine->paced_anew || (engine->watched && !pacing) || engine->now >= pace_at) {
            engine->paced_anew = false;
            pacing = pacers_run(engine);
            pace_at = engine->now + PACER_INTERVAL;
        }
        if (engine->now >= tick_at) {
            engine_tick(engine);
            tick_at = engine->now + FEEDBACK_INTERVAL;
            busy = engine->left >= MANY;
            engine->left = 0;
        }
        engine_unlock(engine);
        out_flush(engine);
        event_flush(engine); /* after what they are about has left */
        if (count == BATCH) /* there is more */
            continue;
        if (rest(engine, pacing && pace_at < tick_at ? pace_at : tick_at) && busy)
            gather();
    }
    free(inbox);
    return NULL;
}

bool engine_start(struct engine *engine)
{
    engine->started = pthread_create(&engine->thread, NULL, run, engine) == 0;
    return engine->started;
}

void engine_close(struct engine *engine)
{
    if (engine->started) {
        atomic_store(&engine->closing, true);
        engine_wake(engine);
        pthread_join(engine->thread, NULL);
    }
    while (engine->peers)
        peer_delete(engine, engine->peers);
    media_end(engine);
    for (int i = 0; i < 3; i++) {
        int fd = i == 0 ? engine->socket : i == 1 ? engine->wake : engine->told_fd;
        if (fd >= 0)
            close(fd);
    }
    pthread_mutex_destroy(&engine->gate);
    pthread_mutex_destroy(&engine->lock);
    out_free(engine->out);
    free(engine->ring);
    free(engine->table);
    free(engine);
}

void engine_send(struct engine *engine, const uint8_t *data, size_t size, const struct address *address)
{
    struct sockaddr_storage name;
    socklen_t length = address_to_socket(engine, address, &name);
#ifdef ENGINE_FUZZED /* nothing leaves */
    return;
#endif
    sendto(engine->socket, data, size, MSG_DONTWAIT, (struct sockaddr *)&name, length);
}
