/** How long an adapter may take for an answer: a shared machine may not come to it for many seconds. */
export const adapterPatienceMs = 60_000;
