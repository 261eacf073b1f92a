#ifndef DISK_H
#define DISK_H

#include <raft.h>

/* What survives a crash of the node: term, vote and log. Every write is durable when it returns. */
struct disk
{
    raft_term term;
    raft_id voted_for;
    struct raft_entry *entries; /* From index 1 on; their data is the disk's own. */
    size_t n_entries;
};

/* What raft_bootstrap asks for: term 1, and a log of one entry that holds the configuration. */
int disk_bootstrap(struct disk *disk, const struct raft_configuration *configuration);

int disk_append(struct disk *disk, const struct raft_entry entries[], unsigned n);

/* Drops the entries from this index on. */
void disk_truncate(struct disk *disk, raft_index index);

/* Forgets everything. */
void disk_clear(struct disk *disk);

/* Copies entries for the library, which frees them: the array, and one batch with the data of all. NULL: no memory. */
struct raft_entry *copy_entries(const struct raft_entry entries[], size_t n);

#endif
