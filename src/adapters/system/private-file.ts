import { readFileSync, statSync } from 'node:fs';

const others = { read: 0o004, write: 0o002 } as const;

/**
 * The text of a file that others may not `read`, or at least not `write`. Throws an `Error` whose one line names the file and the remedy.
 * The file's group does not count among the others: that is how Kubernetes gives secrets to a process that is not root.
 */
export const readPrivateFile = (path: string, keptFrom: keyof typeof others): string => {
  let text: string;
  let mode: number;
  try {
    text = readFileSync(path, 'utf8');
    ({ mode } = statSync(path));
  } catch (error) {
    throw new Error(`cannot read ${path}: ${(error as Error).message}`);
  }
  const isOpen = (mode & (keptFrom === 'read' ? others.read | others.write : others.write)) !== 0;
  // Windows has no such modes.
  if (isOpen && process.platform !== 'win32')
    throw new Error(
      `${path} is open to every user of this machine (mode ${(mode & 0o777).toString(8)}): chmod o= ${path}`,
    );
  return text;
};
