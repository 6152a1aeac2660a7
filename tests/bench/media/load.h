/* The packet path of the load generator. Python reads this file too (cffi), which is why nothing but declarations is in it.
   Everything but `load_run` may be called from any thread while it runs. Times are nanoseconds. */

typedef struct load load;

typedef struct { /* ids of RTP header extensions, 0: not negotiated */
    uint8_t mid, rid, audio_level, abs_send_time, transport_sequence;
} extension_ids;

typedef struct {
    int fd;                     /* connected, and this peer's from now on */
    const char *profile;        /* OpenSSL's name of the SRTP profile */
    const uint8_t *send_key;    /* with its salt */
    const uint8_t *receive_key;
    const uint8_t *check;       /* a STUN binding request, repeated for consent */
    int check_size;
    bool verifies;              /* decrypts and checks everything, and measures latency */
    uint8_t repair[4];          /* payload types that do not count as media, 0-terminated */
    uint8_t transport_sequence; /* id of the extension in what it gets; feedback is sent if it is not 0 */
    uint32_t ssrc;              /* of its reports */
    uint32_t remb_kbps;         /* in its reports if not 0 */
} peer_spec;

typedef struct {
    int peer;
    uint8_t payload_type;
    extension_ids ids;
    char mid[16], rid[16];
    uint32_t ssrc;
    int video_kbps;             /* 0: Opus, 50 packets of 80 B a second */
    int frames;                 /* a second */
    int width, height;
    uint8_t level;              /* audio level, -dBov */
    int64_t delay;              /* of the first packet */
} stream_spec;

typedef struct {
    uint64_t sent;              /* media packets of all streams */
    uint64_t received;          /* media packets of all peers */
    uint64_t octets;            /* of them, with RTP headers and tags */
    uint64_t repair;            /* packets with payload types of repair: RTX and probes */
    uint64_t expected, lost;    /* by the sequence numbers at the receivers */
    uint64_t up_lost;           /* by the reports the senders got */
    uint64_t forged;            /* packets that were not authentic */
    uint64_t missing;           /* packets of one sending stream that a verifying peer did not get, by their payloads */
    uint64_t unheralded;        /* times a picture of another stream did not begin with a key frame */
    uint64_t key_requests, nacks, feedback_got, feedback_sent, checks, checked, strange;
    int64_t late;               /* how late a packet was sent at worst, since the last `load_reset` */
} load_totals;

load *load_new(void);
void load_free(load *);
int load_peer(load *, const peer_spec *);     /* its number, -1 if there are too many */
int load_stream(load *, const stream_spec *); /* its number; streams count from 0 */
void load_enable(load *, int stream, bool on);
void load_level(load *, int stream, uint8_t level);
void load_rate(load *, int stream, int video_kbps); /* of a video stream, from its next frame on */
void load_pause(load *, bool on);             /* all sending of media; begins paused */
void load_run(load *);                        /* until load_stop */
void load_stop(load *);
void load_reset(load *);                      /* latencies and lateness */
load_totals load_sum(load *);
uint64_t load_received(load *, int peer);     /* media packets */
uint64_t load_pictures(load *, int peer);     /* of them, video */
double load_latency(load *, double part);     /* seconds: send time in the payload until the kernel's receive time */
