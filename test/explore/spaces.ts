import type { ExploreOptions } from '../../src/model/explorer/cluster-event.ts';

/** A space that is exhausted, and how large it is: a change of the chart, of a rule or of the explorer shows here. */
export interface Space {
  readonly name: string;
  readonly options: ExploreOptions;
  readonly states: number;
  readonly edges: number;
  readonly depth: number;
  /** Small enough for `npm test`. */
  readonly isQuick: boolean;
}

const base: ExploreOptions = {
  nodes: 3,
  maxTerm: 1,
  maxLog: 1,
  messages: 2,
  loss: false,
  duplicates: false,
  crashes: 0,
  disk: 'prompt',
};

const space = (
  name: string,
  options: Partial<ExploreOptions>,
  [states, edges, depth]: readonly [number, number, number],
  isQuick = false,
): Space => ({ name, options: { ...base, ...options }, states, edges, depth, isQuick });

/** From the smallest on. */
export const spaces: readonly Space[] = [
  space('1 node', { nodes: 1, maxTerm: 2, maxLog: 2 }, [3, 2, 2], true),
  space('2 nodes, a crash', { nodes: 2, crashes: 1 }, [1_037, 5_075, 18], true),
  space('2 nodes, term 2, log 2', { nodes: 2, maxTerm: 2, maxLog: 2 }, [13_480, 44_007, 29], true),
  space('3 nodes, 2 messages', {}, [22_902, 87_202, 29], true),
];
