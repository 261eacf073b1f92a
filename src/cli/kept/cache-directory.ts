import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

interface Machine {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** Throws where there is none. */
  readonly home: () => string;
}

/**
 * Where this user's programs keep what they can make again: XDG_CACHE_HOME if it is set, on any system, else where the operating system has it. Null: no place is known.
 * A relative path is ignored, since it would mean another place in each working directory (XDG Base Directory Specification).
 */
export const cacheDirectory = (
  { platform, env, home }: Machine = { platform: process.platform, env: process.env, home: homedir },
): string | null => {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = env;
  if (isPlace(xdg)) return join(xdg, 'raftchart');
  if (platform === 'win32' && isPlace(local)) return join(local, 'raftchart', 'Cache');
  const folder = homeOf(home);
  if (folder === null) return null;
  switch (platform) {
    case 'win32':
      return join(folder, 'AppData', 'Local', 'raftchart', 'Cache');
    case 'darwin':
      return join(folder, 'Library', 'Caches', 'raftchart');
    default:
      return join(folder, '.cache', 'raftchart');
  }
};

const isPlace = (path: string | undefined): path is string => path !== undefined && isAbsolute(path);

const homeOf = (home: () => string): string | null => {
  try {
    const folder = home();
    return isPlace(folder) ? folder : null;
  } catch {
    // A user that no database knows, as in some containers.
    return null;
  }
};
