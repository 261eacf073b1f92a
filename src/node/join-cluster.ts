import { decodeControl, encodeControl } from '../adapters/codec/control.ts';
import { isMalformed } from '../adapters/codec/malformed.ts';
import { earlierVersionIn, wireVersion } from '../adapters/codec/wire-versions.ts';
import { parseAddress } from '../ports/address.ts';
import type { Clock } from '../ports/clock.ts';
import type { Member } from '../ports/disk.ts';
import type { Log } from '../ports/log.ts';
import type { Connection, ConnectionHandlers } from '../ports/transport.ts';
import { type NodeId, nodeName } from '../raft/types.ts';

export interface JoinParts {
  readonly id: NodeId;
  readonly clusterId: string;
  /** Members of the cluster to ask, one after the other. */
  readonly targets: readonly JoinTarget[];
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the asking; then it rejects with the reason. Default: it goes on until somebody answers. */
  readonly signal?: AbortSignal;
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
 * of them refuses. Nothing changes in the cluster by this. Whoever comes in the name of a member on another disk is let in here, and refused by everybody until
 * its disk takes the place of the other.
 */
export const joinCluster = ({
  id,
  clusterId,
  targets,
  clock,
  log,
  signal,
}: JoinParts): Promise<readonly Member[]> =>
  new Promise((resolve, reject) => {
    const told = new Map<string, string>();
    let cease = (): void => {};
    const abort = (): void => {
      cease();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    const ask = (turn: number, version = wireVersion): void => {
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
        const retry = clock.setTimeout(() => ask(turn + 1), retryMs);
        cease = () => clock.clearTimeout(retry);
      };
      cease = end;
      const connection = target.dial({
        opened: () => {
          connection.send(encodeControl({ type: 'Join', version, clusterId, from: id }), true);
        },
        frame: (frame) => {
          if (isOver) return;
          const answer = decodeControl(frame);
          if (isMalformed(answer)) return next(`it answers with a malformed frame: ${answer.malformed}`);
          if (answer.type === 'Refused') {
            end();
            const earlier = earlierVersionIn(answer.reason, version);
            if (earlier !== null) return ask(turn, earlier);
            reject(new JoinRefused(`${target.name} does not let ${nodeName(id)} join: ${answer.reason}`));
          } else if (answer.type === 'Joined') {
            // They become durable with the data directory, which could not be started again.
            const wrong = answer.firstMembers.find(
              ({ peer }) => peer !== null && parseAddress(peer) === null,
            );
            if (wrong !== undefined) {
              return next(`it says that ${nodeName(wrong.id)} is at ${wrong.peer}, which is no host:port`);
            }
            end();
            resolve(answer.firstMembers);
          } else next(`it answers with ${answer.type}`);
        },
        closed: (reason) => next(reason),
      });
      const timer = clock.setTimeout(() => next('no answer in time'), answerTimeoutMs);
    };
    if (signal?.aborted) abort();
    else ask(0);
  });
