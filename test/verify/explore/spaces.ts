import type { ExploreOptions } from '../../../src/verify/explore/cluster-event.ts';
import { smallCluster } from './small-cluster.ts';

/** A space that is exhausted, and how large it is: a change of the chart, of a rule or of the explorer shows here. */
export interface Space {
  readonly name: string;
  readonly options: ExploreOptions;
  readonly states: number;
  readonly edges: number;
  /** Null where the search is not breadth first. */
  readonly depth: number | null;
  /** Small enough for `npm test`. */
  readonly isQuick: boolean;
}

const space = (
  name: string,
  options: Partial<ExploreOptions>,
  [states, edges, depth]: readonly [number, number, number | null],
  isQuick = false,
): Space => ({ name, options: { ...smallCluster, ...options }, states, edges, depth, isQuick });

const election = { nodes: 4, maxLog: 0, loss: true } as const;
/** Any number of messages. */
const open = { loss: true, duplicates: true } as const;
const slow = { disk: 'slow' } as const;

/** The quick ones first. */
export const spaces: readonly Space[] = [
  space('1 node', { nodes: 1, maxTerm: 2, maxLog: 2 }, [3, 2, 2], true),
  space('2 nodes, a crash', { nodes: 2, crashes: 1 }, [1_037, 5_075, 18], true),
  space('2 nodes, term 2, log 2', { nodes: 2, maxTerm: 2, maxLog: 2 }, [13_480, 44_007, 29], true),
  space('3 nodes, 2 messages', {}, [22_902, 87_202, 29], true),
  space('3 nodes, slow disk, 1 message', { ...slow, messages: 1 }, [34_053, 148_419, 34], true),
  space('4 nodes, election, 3 messages, loss', { ...election, messages: 3 }, [90_709, 787_478, 28], true),
  space('3 nodes, loss and duplicates, 2 crashes', { ...open, crashes: 2 }, [6_371, 198_967, null], true),
  space('4 nodes, loss and duplicates', { ...open, nodes: 4 }, [15_714, 231_572, null], true),
  space('3 nodes, 2 messages, a transfer', { transfers: 1 }, [87_749, 402_255, 31], true),
  space(
    '2 nodes, term 2, a transfer and a read',
    { ...open, nodes: 2, maxTerm: 2, transfers: 1, reads: 1 },
    [5_237, 30_519, null],
    true,
  ),
  space('3 nodes, a read, loss and duplicates', { ...open, reads: 1 }, [36_948, 479_513, null], true),
  space('2 nodes, 2 reads, loss and duplicates', { ...open, nodes: 2, reads: 2 }, [1_443, 9_436, null], true),
  space(
    '2 nodes, term 2, log 2, a snapshot, loss and duplicates',
    { ...open, nodes: 2, maxTerm: 2, maxLog: 2, snapshots: 1 },
    [9_359, 76_040, null],
    true,
  ),
  space('3 nodes, a snapshot, loss and duplicates', { ...open, snapshots: 1 }, [8_661, 97_739, null], true),
  space(
    '2 nodes, 1 spare, term 2, log 2, 1 message, a change of the members',
    { nodes: 2, spares: 1, maxTerm: 2, maxLog: 2, messages: 1, reconfigurations: 1 },
    [3_788, 11_213, 33],
    true,
  ),
  space(
    '2 nodes, term 2, log 3, 1 message, a change of the members',
    { nodes: 2, maxTerm: 2, maxLog: 3, messages: 1, reconfigurations: 1 },
    [8_095, 20_603, 27],
    true,
  ),
  space(
    '2 nodes, term 2, log 2, a change of the members, loss and duplicates',
    { ...open, nodes: 2, maxTerm: 2, maxLog: 2, reconfigurations: 1 },
    [5_198, 37_977, null],
    true,
  ),
  space(
    '2 nodes, 1 spare, term 2, log 2, a change of the members, loss and duplicates',
    { ...open, nodes: 2, spares: 1, maxTerm: 2, maxLog: 2, reconfigurations: 1 },
    [31_824, 455_945, null],
  ),
  space('3 nodes, a snapshot, loss and duplicates, a crash', { ...open, snapshots: 1, crashes: 1 }, [
    27_577,
    721_126,
    null,
  ]),
  space(
    '2 nodes, term 2, slow disk, a snapshot, a crash',
    { ...slow, nodes: 2, maxTerm: 2, snapshots: 1, crashes: 1 },
    [67_577, 535_401, 36],
  ),
  space(
    '3 nodes, slow disk, 1 message, a snapshot',
    { ...slow, messages: 1, snapshots: 1 },
    [100_530, 425_866, 42],
  ),
  space('3 nodes, 2 messages, a read', { reads: 1 }, [288_432, 1_197_347, 33]),
  space('3 nodes, term 2, loss and duplicates', { ...open, maxTerm: 2 }, [42_435, 400_652, null]),
  space('3 nodes, term 2, loss and duplicates, a crash', { ...open, maxTerm: 2, crashes: 1 }, [
    130_131,
    3_628_449,
    null,
  ]),
  space('3 nodes, term 2, loss and duplicates, a transfer', { ...open, maxTerm: 2, transfers: 1 }, [
    170_024,
    1_825_717,
    null,
  ]),
  space('3 nodes, term 2, loss and duplicates, a snapshot', { ...open, maxTerm: 2, snapshots: 1 }, [
    185_593,
    2_180_978,
    null,
  ]),
  space('3 nodes, term 3, loss and duplicates', { ...open, maxTerm: 3 }, [574_599, 5_876_669, null]),
  space(
    '3 nodes, slow disk, 1 message, a crash',
    { ...slow, messages: 1, crashes: 1 },
    [99_939, 1_153_803, 36],
  ),
  space('4 nodes, election, 4 messages, loss', { ...election, messages: 4 }, [599_810, 6_462_261, 28]),
  space('3 nodes, 3 messages, a crash', { messages: 3, crashes: 1 }, [1_017_958, 8_278_691, 39]),
  space('3 nodes, 3 messages, loss', { messages: 3, loss: true }, [1_198_297, 9_337_083, 40]),
  space('3 nodes, 3 messages, duplicates', { messages: 3, duplicates: true }, [740_720, 4_743_947, 33]),
  space('3 nodes, 4 messages', { messages: 4 }, [2_202_285, 13_130_897, 39]),
  space('3 nodes, slow disk, 2 messages', slow, [2_867_647, 17_441_800, 48]),
  space('3 nodes, slow disk, 2 messages, loss', { ...slow, loss: true }, [4_500_074, 34_871_433, 49]),
  space('3 nodes, slow disk, 2 messages, a crash', { ...slow, crashes: 1 }, [7_401_784, 138_276_678, 48]),
  space('3 nodes, term 2, 3 messages', { maxTerm: 2, messages: 3 }, [7_512_667, 38_551_098, 44]),
  space('3 nodes, 4 messages, loss', { messages: 4, loss: true }, [7_653_139, 74_569_834, 43]),
];
