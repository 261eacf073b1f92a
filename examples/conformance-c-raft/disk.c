#include "disk.h"

#include <stdlib.h>
#include <string.h>

static void *copy(const void *bytes, size_t length)
{
    /* One more: a buffer of no bytes has an address all the same. */
    void *to = malloc(length + 1);
    if (to != NULL && length > 0) {
        memcpy(to, bytes, length);
    }
    return to;
}

int disk_append(struct disk *disk, const struct raft_entry entries[], unsigned n)
{
    struct raft_entry *grown = realloc(disk->entries, (disk->n_entries + n) * sizeof *grown);
    if (grown == NULL) {
        return RAFT_NOMEM;
    }
    disk->entries = grown;
    for (unsigned i = 0; i < n; i++) {
        struct raft_entry *to = &disk->entries[disk->n_entries];
        *to = entries[i];
        to->batch = NULL;
        to->buf.base = copy(entries[i].buf.base, entries[i].buf.len);
        if (to->buf.base == NULL) {
            return RAFT_NOMEM;
        }
        disk->n_entries++;
    }
    return 0;
}

void disk_truncate(struct disk *disk, raft_index index)
{
    while (disk->n_entries > 0 && disk->n_entries >= index) {
        free(disk->entries[--disk->n_entries].buf.base);
    }
}

int disk_bootstrap(struct disk *disk, const struct raft_configuration *configuration)
{
    struct raft_entry entry = {.term = 1, .type = RAFT_CHANGE};
    int rv;

    if (disk->term != 0 || disk->n_entries > 0) {
        return RAFT_CANTBOOTSTRAP;
    }
    rv = raft_configuration_encode(configuration, &entry.buf);
    if (rv != 0) {
        return rv;
    }
    disk->term = 1;
    rv = disk_append(disk, &entry, 1);
    raft_free(entry.buf.base);
    return rv;
}

void disk_clear(struct disk *disk)
{
    disk_truncate(disk, 1);
    free(disk->entries);
    memset(disk, 0, sizeof *disk);
}

struct raft_entry *copy_entries(const struct raft_entry entries[], size_t n)
{
    struct raft_entry *copies = raft_malloc((n + 1) * sizeof *copies);
    size_t length = 1;
    char *batch;

    for (size_t i = 0; i < n; i++) {
        length += entries[i].buf.len;
    }
    batch = raft_malloc(length);
    if (copies == NULL || batch == NULL) {
        raft_free(copies);
        raft_free(batch);
        return NULL;
    }
    for (size_t i = 0, at = 0; i < n; at += entries[i].buf.len, i++) {
        copies[i] = entries[i];
        copies[i].batch = batch;
        copies[i].buf.base = batch + at;
        memcpy(batch + at, entries[i].buf.base, entries[i].buf.len);
    }
    if (n == 0) {
        raft_free(batch);
    }
    return copies;
}
