import { readFileSync } from 'node:fs';
import { checkFit } from '../../conformance/paths-for.ts';
import type { Capabilities } from '../../conformance/protocol.ts';
import { assertCurrent, parseSavedPaths, type SavedPaths } from '../../conformance/saved-paths.ts';
import type { ClusterSize } from '../../verify/paths/generate-paths.ts';
import type { Path, PathSet } from '../../verify/paths/path.ts';
import { generated } from '../paths/generated.ts';
import type { PathKeeping } from '../paths/kept-paths.ts';
import { UsageError } from '../usage-error.ts';

/** Flags that say which paths are walked. */
export interface PathFlags {
  /** Default: `transitions`. */
  readonly cover?: PathSet['cover'];
  readonly nodes?: `${ClusterSize}`;
  readonly only?: string;
  /** A file with paths. */
  readonly paths?: string;
  /** Ids. */
  readonly path?: readonly string[];
}

/** The paths to walk, and whether they are all there are of their kind. */
export interface ChosenPaths extends PathSet {
  readonly isWhole: boolean;
}

/** What a flag names, parsed. Throws `UsageError` of one line that names the file. */
export const readBy = <Value>(file: string, parse: (text: string) => Value): Value => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
  try {
    return parse(text);
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
};

/** The file of `--paths`, if there is one. Throws `UsageError`. */
export const savedPaths = ({ paths, cover }: PathFlags): SavedPaths | null => {
  if (paths === undefined) return null;
  if (cover !== undefined) {
    throw new UsageError('--cover does not go with --paths: the file says what its paths cover');
  }
  return readBy(paths, parseSavedPaths);
};

/** Those that the flags ask for, out of a file or generated for an implementation that has these. Throws `UsageError` where there are none. */
export const chosenPaths = (
  saved: SavedPaths | null,
  flags: PathFlags,
  has: Capabilities,
  keeping: PathKeeping,
): ChosenPaths => {
  const { cover = 'transitions', nodes, only, path: ids = [], paths: file } = flags;
  const isAll = nodes === undefined && only === undefined && ids.length === 0;
  const voters = nodes === undefined ? {} : { voters: Number(nodes) as ClusterSize };
  const { isWhole, ...all } = saved ?? { ...generated(has, { cover, ...voters }, keeping), isWhole: true };
  const paths = all.paths.filter(
    (path) =>
      (nodes === undefined || path.voters.length === Number(nodes)) &&
      (only === undefined || speaksOf(path, only)) &&
      (ids.length === 0 || ids.includes(path.id)),
  );
  const unknown = ids.find((id) => !paths.some((path) => path.id === id));
  if (unknown !== undefined) throw new UsageError(unknownText(unknown, all.paths, flags));
  if (paths.length === 0) throw new UsageError(noneText(all.paths, flags));
  if (saved !== null) {
    readBy(file!, () => {
      checkFit(saved, has);
      paths.forEach(assertCurrent);
    });
  }
  return { ...all, paths, isWhole: isWhole && isAll };
};

const nodesText = (count: number | string): string => (Number(count) === 1 ? '1 node' : `${count} nodes`);

const ofSize = (nodes: PathFlags['nodes']): string => (nodes === undefined ? '' : ` of ${nodesText(nodes)}`);

/** Why the path of this id is not among those that were asked for. */
const unknownText = (id: string, all: readonly Path[], { nodes, only, paths: file }: PathFlags): string => {
  const path = all.find((each) => each.id === id);
  const size = path?.voters.length ?? Number(/^[1-5](?=s?l?-)/.exec(id));
  if (nodes !== undefined && size > 0 && size !== Number(nodes)) {
    return `path "${id}" is of ${nodesText(size)}, which --nodes ${nodes} leaves out`;
  }
  if (path !== undefined) return `path "${id}" does not mention "${only}"`;
  if (file !== undefined) return `${file} has no path "${id}"`;
  const hint = id.includes('.') ? '; a shortened path is in the report that --json wrote: --paths FILE' : '';
  return `there is no path "${id}"${hint}`;
};

/** Why there are no paths at all. */
const noneText = (all: readonly Path[], { nodes, only, paths: file }: PathFlags): string => {
  const where = file === undefined ? '' : ` in ${file}`;
  if (nodes !== undefined && !all.some(({ voters }) => voters.length === Number(nodes))) {
    return `there are no paths${ofSize(nodes)}${where}`;
  }
  return only === undefined
    ? `there are no paths${where}`
    : `no path${ofSize(nodes)}${where} mentions "${only}"`;
};

const speaksOf = ({ id, title, steps }: Path, text: string): boolean =>
  [id, title, ...steps.flatMap(({ transitions }) => transitions.map(({ rule }) => rule ?? ''))].some((each) =>
    each.toLowerCase().includes(text.toLowerCase()),
  );
