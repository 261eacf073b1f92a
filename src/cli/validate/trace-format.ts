import { statSync } from 'node:fs';
import { EtcdLines } from '../../verify/validate/etcd-lines.ts';
import { isObservedLine } from '../../verify/validate/observed-lines.ts';
import { readLines } from '../coverage/read-trace.ts';
import { UsageError } from '../usage-error.ts';

export type ReadFormat = 'raftchart' | 'etcd' | 'observed';

/** Lines of other kinds may come first. */
const looked = 200;

/** In which format a trace is, by its first line that tells. */
export const formatOf = (path: string): ReadFormat => {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false && !statSync(path).isDirectory())
    throw new UsageError(
      `${path} is not a regular file, and a trace is read twice: write it to a file first`,
    );
  let line = 0;
  for (const { text } of readLines(path)) {
    line++;
    if (line > looked) break;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      continue;
    }
    if (EtcdLines.is(value)) return 'etcd';
    if (isObservedLine(value)) return 'observed';
  }
  return 'raftchart';
};
