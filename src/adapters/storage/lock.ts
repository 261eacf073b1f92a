import fs from 'node:fs';
import net from 'node:net';

/** Lets the next opener in. Idempotent. */
export type ReleaseLock = () => void;

/**
 * Takes the one lock of `directory`, or the one of that `name` in it, or returns null because somebody, perhaps this same process, has it.
 *
 * The kernel keeps it and drops it with the process, so a `kill -9` leaves nothing behind and nothing stale is ever
 * judged: a Unix socket address in the abstract namespace (unix(7)), or a named pipe on Windows. To bind one is atomic,
 * so of two starters one wins. The address is made of the directory's device and inode, which every path to it shares.
 * Network namespaces do not see each other's addresses: two containers on one volume are not kept apart.
 * Systems that have neither (macOS, BSD) open the lock file with O_EXLOCK (open(2)).
 */
export const lockDirectory = async (directory: string, name = ''): Promise<ReleaseLock | null> => {
  const { dev, ino } = await fs.promises.stat(directory, { bigint: true });
  const address = `raftchart-${dev}-${ino}${name && `-${name}`}`;
  if (process.platform === 'linux' || process.platform === 'android') return listen(`\0${address}`);
  if (process.platform === 'win32') return listen(`\\\\.\\pipe\\${address}`);
  return openExclusively(`${directory}/${name && `${name}.`}lock`);
};

function listen(address: string): Promise<ReleaseLock | null> {
  return new Promise((resolve, reject) => {
    // Nobody should connect here; a stray connection is closed at once.
    const server = net.createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen({ path: address, exclusive: true }, () => resolve(() => void server.close()));
  });
}

const bsdExclusiveLock = 0x20;

async function openExclusively(path: string): Promise<ReleaseLock | null> {
  const { O_CREAT, O_NONBLOCK, O_RDWR } = fs.constants;
  try {
    const file = fs.openSync(path, O_RDWR | O_CREAT | O_NONBLOCK | bsdExclusiveLock, 0o600);
    let isHeld = true;
    return () => {
      if (isHeld) fs.closeSync(file);
      isHeld = false;
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null;
    throw error;
  }
}
