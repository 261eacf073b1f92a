/**
 * How `raft-node` runs Node, to save more than 100 MB of resident size per node. The shebang of `raft-node.ts` says the same.
 *
 * - A young generation of 16 MiB semi-spaces, where Node 24 takes 32, since what a request allocates is dead within milliseconds. With 8 MiB it would be collected so often that what
 *   hundreds of open requests hold is most of what a collection finds: a quarter of the leader's processor time.
 * - A full collection once the old generation is half as large again as what it holds, instead of up to four times as large. What lives a little longer, such as
 *   the newest entries of the log and the values that are overwritten, fills it with garbage.
 */
export const nodeFlags: readonly string[] = ['--max-semi-space-size=16', '--heap-growing-percent=50'];

/**
 * With what in its environment; the shebang says that as well. One arena of glibc's allocator for all threads instead of eight for each processor, between which what has been freed lies about:
 * some 15 MB of resident size. Other allocators do not read it.
 */
export const nodeVariables: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '1' };
