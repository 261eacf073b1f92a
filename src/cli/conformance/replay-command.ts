import type { Finding } from '../../conformance/finding.ts';
import { quoted } from '../quoted.ts';
import type { PathFlags } from './chosen-paths.ts';

type Flags = Pick<PathFlags, 'cover' | 'nodes' | 'paths'> & {
  readonly adapter: string;
  readonly json?: string;
};

/** The command that walks a finding's path alone: the shortened one out of the JSON report if there is one, else the whole. */
export const replayCommand = ({ adapter, cover, nodes, paths, json }: Flags, finding: Finding): string => {
  const from =
    json !== undefined
      ? ['--paths', json, '--path', finding.path.id]
      : [
          ...(cover === undefined ? [] : ['--cover', cover]),
          ...(nodes === undefined ? [] : ['--nodes', nodes]),
          ...(paths === undefined ? [] : ['--paths', paths]),
          ...['--path', finding.from],
        ];
  const repeat = finding.flaky === null ? [] : ['--repeat', String(finding.flaky.of)];
  return ['npx', 'raftchart', 'conformance', '--adapter', adapter, ...from, ...repeat].map(quoted).join(' ');
};
