/**
 * How `raft-node` runs Node, to save more than 100 MB of resident size per node. The shebang of `raft-node.ts` says the same.
 *
 * - A young generation of 16 MiB semi-spaces, where Node 24 takes 32, since what a request allocates is dead within milliseconds. With 8 MiB it would be collected so often that what
 *   hundreds of open requests hold is most of what a collection copies: an eighth more of the leader's processor time for a write.
 * - A full collection once the old generation is half as large again as what it holds, instead of up to four times as large. What lives a little longer, such as
 *   the newest entries of the log and the values that are overwritten, fills it with garbage.
 * - No allocation in the old generation because earlier objects of the same place in the program lived long. Under load those of requests do, since many are open at once; from then on
 *   all that such a place allocates would be garbage there, and keep alive what it refers to: 4 to 8 kB for each write, and a full collection every second or two.
 */
export const nodeFlags: readonly string[] = [
  '--max-semi-space-size=16',
  '--heap-growing-percent=50',
  '--no-allocation-site-pretenuring',
];

/**
 * Environment variables of a node that another program starts, unless the environment has them already. One glibc arena for all threads instead of eight per processor, among which freed memory
 * is scattered, saves some 15 MB of resident size. Not in the shebang: the wrappers that pnpm and others install would take it for the program.
 */
export const nodeVariables: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '1' };
