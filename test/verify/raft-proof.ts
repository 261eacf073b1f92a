import { keptEvidence } from '../../src/cli/coverage/kept-evidence.ts';
import { evidenceIn, evidenceText } from '../../src/statechart/coverage/evidence-text.ts';
import type { Evidence } from '../../src/statechart/coverage/grounds.ts';
import { madeOnce } from './made-once.ts';

/** What this repository's own chart does in all worlds that are enumerated. */
export const raftProof = (): Evidence =>
  evidenceIn(madeOnce('evidence.json', () => evidenceText(keptEvidence({ isKept: true }))));
