/* Payloads that several slots send and remember. Freed ones are kept for the next packet of about their size. */
#include "core.h"

enum { CLASSES = 16, STEP = 136, MOST_BYTES = 512 << 20 };

struct media *media_new(struct engine *engine, int size)
{
    int class = (size + 2 + STEP - 1) / STEP - 1;
    if (class >= CLASSES)
        return NULL;
    struct media *media = engine->free[class];
    if (media) {
        engine->free[class] = media->next;
    } else {
        size_t bytes = sizeof *media + (size_t)(class + 1) * STEP;
        if (engine->media_bytes + (int64_t)bytes > MOST_BYTES || !(media = malloc(bytes)))
            return NULL;
        engine->media_bytes += (int64_t)bytes;
    }
    media->room = (uint16_t)class;
    media->references = 1;
    media->size = (uint16_t)size;
    return media;
}

void media_release(struct engine *engine, struct media *media)
{
    if (media && --media->references == 0) {
        media->next = engine->free[media->room];
        engine->free[media->room] = media;
    }
}

void media_end(struct engine *engine)
{
    for (int class = 0; class < CLASSES; class++)
        while (engine->free[class]) {
            struct media *media = engine->free[class];
            engine->free[class] = media->next;
            free(media);
        }
}
