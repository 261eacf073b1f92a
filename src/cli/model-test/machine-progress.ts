/** Runs a task of a machine and says meanwhile on stderr how far it is: one line, rewritten, on a terminal, and else nothing. */
export const machineProgress = async <Result>(
  run: (onProgress: (progress: unknown) => void) => Promise<Result>,
  what = 'states',
): Promise<Result> => {
  const { stderr } = process;
  try {
    return await run((progress) => {
      if (stderr.isTTY && typeof progress === 'number') stderr.write(`\r${progress} ${what}\u001b[K`);
    });
  } finally {
    if (stderr.isTTY) stderr.write('\r\u001b[K');
  }
};
