import { keptEvidence } from '../../src/cli/coverage/kept-evidence.ts';
import type { Evidence } from '../../src/statechart/coverage/grounds.ts';
import { madeOnce } from './made-once.ts';

/** What this repository's own chart does in all worlds that are enumerated. */
export const raftProof = (): Evidence => madeOnce('evidence', () => keptEvidence({ isKept: true }));
