/** Checks again after each turn of the event loop, so nothing waits for a guessed time. */
export const until = async (isDone: () => boolean): Promise<void> => {
  const deadline = performance.now() + 8000;
  while (!isDone()) {
    if (performance.now() > deadline) throw new Error('nothing happened');
    await new Promise((resolve) => setImmediate(resolve));
  }
};
