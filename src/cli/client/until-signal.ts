const signals = ['SIGINT', 'SIGTERM'] as const;

/** Runs `act` with a signal that is aborted when this process is told to end, which it then does by itself. */
export const untilSignal = async (act: (signal: AbortSignal) => Promise<void>): Promise<void> => {
  const interrupt = new AbortController();
  const abort = (): void => interrupt.abort();
  for (const signal of signals) process.once(signal, abort);
  try {
    await act(interrupt.signal);
  } finally {
    for (const signal of signals) process.off(signal, abort);
  }
};
