import { evidenceIn, evidenceText } from '../../statechart/coverage/evidence-text.ts';
import type { Evidence } from '../../statechart/coverage/grounds.ts';
import { raftEvidence } from '../../verify/coverage/raft-evidence.ts';
import { type Keeping, kept } from '../kept/kept.ts';

/** What `raftEvidence` returns for this package's own chart: enumerated once for all processes of a user, until the program changes. */
export const keptEvidence = (keeping: Keeping): Evidence =>
  kept(
    {
      name: 'evidence',
      options: null,
      modules: [import.meta.url],
      make: () => raftEvidence(),
      write: evidenceText,
      read: evidenceIn,
    },
    keeping,
  );
