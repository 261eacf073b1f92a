import type { Storage } from '../../ports/storage.ts';

/** Whoever starts again has forgotten its vote. */
export const voteForgotten = (storage: Storage): Storage => ({
  ...storage,
  recovered: {
    ...storage.recovered,
    hardState: { currentTerm: storage.recovered.hardState.currentTerm, votedFor: null },
  },
});
