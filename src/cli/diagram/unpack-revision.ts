import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix, relative, sep } from 'node:path';
import { UsageError } from '../usage-error.ts';

/** All files of a revision in a folder of their own, with the installed packages of the working tree. */
export interface UnpackedRevision {
  readonly folder: string;
  /** To be called once it is no longer needed; the end of the process does it too. */
  readonly remove: () => void;
}

/** Unpacks a git revision of the repository of the working directory; `operand` is what the person wrote. Throws `UsageError`. */
export const unpackRevision = (revision: string, operand: string): UnpackedRevision => {
  const root = topOf(operand);
  if (git(['rev-parse', '--verify', '--quiet', `${revision}^{commit}`]).status !== 0) {
    throw new UsageError(`${operand} is neither a file nor a git revision`);
  }
  const archive = git(['-C', root, 'archive', '--format=tar', revision]);
  if (archive.status !== 0) {
    throw new UsageError(`git cannot unpack ${revision}: ${String(archive.stderr).trim()}`);
  }
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'raftchart-diff-')));
  const remove = () => {
    process.off('exit', remove);
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', remove);
  try {
    const unpacked = spawnSync('tar', ['-x', '-C', folder], { input: archive.stdout });
    if (unpacked.status !== 0) {
      throw new UsageError(`tar cannot unpack ${revision}: ${String(unpacked.stderr).trim()}`);
    }
    for (const place of packagesOf(folder, root)) linkModules(root, folder, place);
    return { folder, remove };
  } catch (error) {
    remove();
    throw error;
  }
};

/** A path in a revision from the top of the repository; one that begins with a dot is written from the working directory, as for git. */
export const pathFromTop = (path: string): string => {
  if (!/^\.\.?\//.test(path)) return path;
  return posix.normalize(`${String(git(['rev-parse', '--show-prefix']).stdout).trim()}${path}`);
};

/** The top of the repository of the working directory, if the file is in it; else null. */
export const repositoryOf = (file: string): string | null => {
  const { status, stdout } = git(['rev-parse', '--show-toplevel']);
  const top = String(stdout).trim();
  return status === 0 && file.startsWith(`${top}/`) ? top : null;
};

const git = (args: readonly string[]) => spawnSync('git', args, { maxBuffer: 2 ** 30 });

const topOf = (operand: string): string => {
  const top = git(['rev-parse', '--show-toplevel']);
  if (top.status === 0) return String(top.stdout).trim();
  throw new UsageError(`there is no file ${operand}, and no git repository here to look for such a revision`);
};

/** The folders of the revision where packages are installed in the working tree, the top first. */
const packagesOf = (folder: string, root: string, place = ''): readonly string[] => [
  ...(existsSync(join(root, place, 'node_modules')) ? [place] : []),
  ...readdirSync(join(folder, place), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
    .flatMap((entry) => packagesOf(folder, root, join(place, entry.name))),
];

/**
 * Links each package that is installed at `place`. One that is a link into the repository itself, a package of its workspace, leads to
 * the same package of the revision.
 */
const linkModules = (root: string, folder: string, place: string): void => {
  const installed = join(root, place, 'node_modules');
  const linked = join(folder, place, 'node_modules');
  // A repository may hold packages that it has committed.
  if (existsSync(linked)) return;
  for (const name of packagesIn(installed)) {
    const from = join(installed, name);
    const to = join(linked, name);
    mkdirSync(dirname(to), { recursive: true });
    symlinkSync(inRevision(from, root, folder) ?? from, to);
  }
};

/** Their names, those with a scope in full; the folder's own files, such as `.bin`, too. */
const packagesIn = (installed: string): readonly string[] =>
  readdirSync(installed).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(installed, name)).map((each) => join(name, each)) : [name],
  );

const inRevision = (path: string, root: string, folder: string): string | null => {
  if (!lstatSync(path).isSymbolicLink() || !existsSync(path)) return null;
  const inside = relative(realpathSync(root), realpathSync(path));
  if (inside.startsWith('..') || inside.split(sep).includes('node_modules')) return null;
  const there = join(folder, inside);
  return existsSync(there) ? there : null;
};
