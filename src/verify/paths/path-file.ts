import { dispensable } from './chart-without.ts';
import { type Path, type PathSet, pathFormatVersion } from './path.ts';

/** Generated tests as a file: a header, then one path per line. docs/paths.md */
export const toLines = (set: PathSet): string => {
  const { version, chart, cover, lacks, nodes, paths } = set;
  const steps = paths.reduce((sum, path) => sum + path.steps.length, 0);
  const header = {
    format: 'raftchart-paths',
    version,
    chart,
    cover,
    ...(lacks && { lacks }),
    ...(nodes !== undefined && { nodes }),
    paths: paths.length,
    steps,
  };
  return `${[header, ...paths].map((each) => JSON.stringify(each)).join('\n')}\n`;
};

/** Reads what `toLines` wrote; throws a one-line error for anything else. */
export const fromLines = (text: string): PathSet => {
  const lines = text.split('\n').filter((line) => line !== '');
  const [header, ...paths] = lines.map((line, at) => {
    try {
      return JSON.parse(line);
    } catch {
      throw new Error(`line ${at + 1} is not JSON`);
    }
  });
  if (header?.format !== 'raftchart-paths')
    throw new Error('these are no paths: the first line is no header');
  if (header.version !== pathFormatVersion) {
    throw new Error(`paths of version ${header.version}; this reads version ${pathFormatVersion}`);
  }
  if (paths.length !== header.paths) {
    throw new Error(`the header promises ${header.paths} paths, the file holds ${paths.length}`);
  }
  const { version, chart, cover, lacks, nodes } = header;
  const isKnown = (each: unknown) => dispensable.some((name) => name === each);
  if (lacks !== undefined && !(Array.isArray(lacks) && lacks.every(isKnown))) {
    throw new Error(`the header's lacks must be a list of ${dispensable.join(', ')}`);
  }
  if (nodes !== undefined && !Number.isSafeInteger(nodes))
    throw new Error("the header's nodes must be a number");
  return {
    version,
    chart,
    cover,
    ...(lacks && { lacks }),
    ...(nodes !== undefined && { nodes }),
    paths: paths as Path[],
  };
};
