let isGuarded = false;
let isOutlived = false;

/** From now on this process goes on when its standard output fails: whoever writes to it is told, and sees to it. */
export const outliveOutput = (): void => {
  isOutlived = true;
  process.stdout.on('error', () => {});
};

/**
 * What this process does when its standard output fails. A reader that has seen enough (`| head`) and closes the pipe ends it
 * quietly, with the exit code as it stands. Any other fault (a full disk) ends it with `exitCode` and one line on stderr, which
 * `toLine` may put into the program's own form. The first caller decides: one process is one program.
 */
export const guardOutput = (exitCode: number, toLine = (message: string): string => message): void => {
  if (isGuarded) return;
  isGuarded = true;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isOutlived) return;
    if (error.code !== 'EPIPE') {
      process.stderr.write(`${toLine(`cannot write to the standard output: ${error.message}`)}\n`);
      process.exitCode = exitCode;
    }
    process.exit();
  });
  // There is nobody left to tell.
  process.stderr.on('error', () => {});
};
