import { styleText } from 'node:util';
import type { NodeId } from '../../raft/types.ts';
import { clientPort } from '../node/node-options.ts';
import type { ClusterEvent } from './local-cluster.ts';

const width = 'preCandidate → preCandidate'.length;

type Style = Parameters<typeof styleText>[0];
const roleStyle: Readonly<Record<string, Style>> = {
  follower: 'blue',
  preCandidate: 'yellow',
  candidate: 'yellow',
  leader: 'green',
};

const restarts = (delayMs: number | null): string =>
  delayMs === null ? '' : `; restarts in ${delayMs / 1000} s`;

/** What its clients need. */
interface Protection {
  readonly isTls: boolean;
  readonly wantsCertificate: boolean;
  readonly wantsToken: boolean;
}

/** Reports what happens in a local cluster, one line per event, and once there is a leader, what to try. */
export const narrate = (
  output: NodeJS.WriteStream,
  size: number,
  { isTls, wantsCertificate, wantsToken }: Protection,
): ((event: ClusterEvent) => void) => {
  const scheme = isTls ? 'https' : 'http';
  const client = [
    'npx raft-client',
    ...(isTls ? ['--cacert CA.crt'] : []),
    ...(wantsCertificate ? ['--cert CLIENT.crt --key CLIENT.key'] : []),
    ...(wantsToken ? ['--token-file TOKEN'] : []),
  ].join(' ');
  const pids = new Map<NodeId, number>();
  let hasTold = false;
  const paint = (style: Style, text: string) => (output.isTTY ? styleText(style, text) : text);
  const say = (text: string) => output.write(`${text}\n`);
  const line = (id: NodeId, text: string) =>
    say(`${paint('dim', new Date().toISOString().slice(11, 23))}  ${paint('bold', `node${id}`)}  ${text}`);

  say(
    `A cluster of ${size} ${size === 1 ? 'node' : 'nodes'}, each in its own process. Ctrl-C stops them all.`,
  );
  const tellWhatToTry = (leader: NodeId) => {
    say('');
    say('Try this in another terminal, in the same folder:');
    for (const command of ['put x 1', 'get x', 'status']) say(`  ${client} ${command}`);
    say(`  kill -9 ${pids.get(leader)}    # the leader, node${leader}: no acknowledged write is lost`);
    say('');
  };

  return (event) => {
    switch (event.type) {
      case 'started':
        pids.set(event.id, event.pid);
        line(event.id, `started, pid ${event.pid}, clients at ${scheme}://127.0.0.1:${clientPort(event.id)}`);
        return;
      case 'log': {
        const { from, role, term, rule, cause, level, msg, peer, rpc } = event.fields;
        if (typeof from === 'string' && typeof role === 'string') {
          const change = `${from} → ${role}`.padEnd(width);
          line(event.id, `${paint(roleStyle[role] ?? 'reset', change)}  term ${term}  ${cause} [${rule}]`);
          if (role === 'leader' && !hasTold) {
            hasTold = true;
            tellWhatToTry(event.id);
          }
        } else if (typeof rpc === 'string') {
          line(event.id, paint('dim', `${msg}`));
        } else if (typeof level === 'number' && level >= 40 && peer === undefined) {
          // That a peer is unreachable is nothing new here: its own end was reported above.
          line(event.id, paint('red', `${msg}${event.fields.error ? `: ${event.fields.error}` : ''}`));
        }
        return;
      }
      case 'killed':
        line(event.id, paint('red', `killed by ${event.signal}`) + restarts(event.restartDelayMs));
        return;
      case 'stopped':
        line(event.id, `stopped, as it was told to${restarts(event.restartDelayMs)}`);
        return;
      case 'failed':
        line(event.id, paint('red', `stopped with exit code ${event.exitCode}: ${event.message}`));
        return;
      case 'stopping':
        say('Stopping all nodes.');
        return;
    }
  };
};
