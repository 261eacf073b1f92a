import { decodeControl, encodeControl, wireVersion } from '../adapters/codec/control.ts';
import { isMalformed } from '../adapters/codec/malformed.ts';
import type { Clock } from '../ports/clock.ts';
import type { Member } from '../ports/disk.ts';
import type { Log } from '../ports/log.ts';
import type { Connection, ConnectionHandlers } from '../ports/transport.ts';
import { type NodeId, nodeName } from '../raft/types.ts';
import { idList } from './members.ts';

export interface JoinParts {
  readonly id: NodeId;
  readonly clusterId: string;
  /** Members of the cluster to ask, one after the other. */
  readonly targets: readonly JoinTarget[];
  readonly clock: Clock;
  readonly log: Log;
}

export interface JoinTarget {
  /** For people, such as `127.0.0.1:7001`. */
  readonly name: string;
  dial(handlers: ConnectionHandlers): Connection;
}

/** A member says that this node cannot join. The message is one line for a person. */
export class JoinRefused extends Error {
  override readonly name = 'JoinRefused';
}

/** How long one member may take to answer. */
const answerTimeoutMs = 2000;
/** How long to wait before the next one is asked. */
const retryMs = 250;

/**
 * Asks members of a cluster with whom it began, until one answers: a node that has nothing yet must begin with the same. Rejects with `JoinRefused` as soon as one
 * of them refuses. Nothing changes in the cluster by this.
 */
export const joinCluster = ({ id, clusterId, targets, clock, log }: JoinParts): Promise<readonly Member[]> =>
  new Promise((resolve, reject) => {
    const told = new Map<string, string>();
    const ask = (turn: number): void => {
      const target = targets[turn % targets.length]!;
      let isOver = false;
      const end = (): void => {
        isOver = true;
        clock.clearTimeout(timer);
        connection.close();
      };
      const next = (problem: string): void => {
        if (isOver) return;
        end();
        if (told.get(target.name) !== problem) {
          told.set(target.name, problem);
          log.warn(
            { remote: target.name, reason: problem },
            `cannot join through ${target.name}: ${problem} (still trying; check that --join names a running member)`,
          );
        }
        clock.setTimeout(() => ask(turn + 1), retryMs);
      };
      const connection = target.dial({
        opened: () => {
          connection.send(encodeControl({ type: 'Join', version: wireVersion, clusterId, from: id }));
        },
        frame: (frame) => {
          if (isOver) return;
          const answer = decodeControl(frame);
          if (isMalformed(answer)) return next(`it answers with a malformed frame: ${answer.malformed}`);
          if (answer.type === 'Refused') {
            end();
            reject(new JoinRefused(`${target.name} does not let ${nodeName(id)} join: ${answer.reason}`));
          } else if (answer.type === 'Joined') {
            end();
            const { firstMembers } = answer;
            const fault = founderFault(id, firstMembers);
            if (fault === null) resolve(firstMembers);
            else reject(new JoinRefused(fault));
          } else next(`it answers with ${answer.type}`);
        },
        closed: (reason) => next(reason),
      });
      const timer = clock.setTimeout(() => next('no answer in time'), answerTimeoutMs);
    };
    ask(0);
  });

/** By its own first configuration a founder votes: on an empty disk it would vote again in terms in which it has voted. */
const founderFault = (id: NodeId, founders: readonly Member[]): string | null => {
  const ids = founders.map((founder) => founder.id);
  if (!ids.includes(id)) return null;
  return `${nodeName(id)} is one of ${idList(ids)}, with which the cluster began: give the new node another --id`;
};
