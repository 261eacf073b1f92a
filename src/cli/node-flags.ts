/**
 * How `raft-node` runs Node, to save more than 100 MB of resident size per node. The shebang of `raft-node.ts` says the same.
 *
 * - A young generation of 8 MiB semi-spaces, where Node 24 takes 32, since what a request allocates is dead within milliseconds.
 * - A full collection once the old generation is half as large again as what it holds, instead of up to four times as large. What lives a little longer, such as
 *   the newest entries of the log and the values that are overwritten, fills it with garbage.
 * - Nothing is allocated in the old generation only because earlier objects from the same place in the program lived long. Under load those of requests do, since many are open at once; from
 *   then on all that such a place allocates is garbage there, and keeps alive what it refers to: 4 to 8 kB for each write, and a full collection every second or two.
 */
export const nodeFlags: readonly string[] = [
  '--max-semi-space-size=8',
  '--heap-growing-percent=50',
  '--no-allocation-site-pretenuring',
];

/**
 * Environment variables of a node that another program starts, unless the environment has them already. One glibc arena for all threads instead of eight per processor, among which freed memory
 * is scattered, saves some 15 MB of resident size. Not in the shebang: the wrappers that pnpm and others install would take it for the program.
 */
export const nodeVariables: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '1' };
