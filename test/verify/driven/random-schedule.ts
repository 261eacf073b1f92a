import type { TimerName } from '../../../src/node/step.ts';
import type { TimedEvent } from '../../../src/trace/events.ts';
import { DrivenCluster } from '../../../src/verify/driven/driven-cluster.ts';
import type { ClusterEvent, ScheduledEvent } from '../../../src/verify/explore/cluster-event.ts';
import { UnplayableSchedule } from '../../../src/verify/explore/messages-under-way.ts';
import type { PathMessage } from '../../../src/verify/paths/path.ts';
import { toPathMessage } from '../../../src/verify/paths/path-message.ts';
import { Dice } from '../../machines/raft/random-inputs.ts';

const timers: readonly TimerName[] = ['electionTimeout', 'leaderLease', 'heartbeatInterval', 'quorumCheck'];

/** A schedule of chance that real nodes can play, of at most `length` events. */
export const randomSchedule = async (
  seed: number,
  length: number,
  disk: 'prompt' | 'slow',
): Promise<readonly ScheduledEvent[]> => {
  const dice = new Dice(seed);
  const underWay: PathMessage[] = [];
  const remove = (message: PathMessage) => {
    const text = JSON.stringify(message);
    underWay.splice(
      underWay.findIndex((each) => JSON.stringify(each) === text),
      1,
    );
  };
  const emit = (event: TimedEvent) => {
    if (event.type === 'sent') underWay.push(toPathMessage(event.message));
  };
  const cluster = new DrivenCluster({ options: { nodes: 3, disk }, emit });
  const node = () => dice.between(1, 3);
  const happening = (): Exclude<ClusterEvent, { type: 'crash' }> => {
    const what = dice.below(20);
    if (what < 2) return { type: 'timeout', node: node(), timer: dice.pick(timers) };
    if (what < 4) return { type: 'propose', node: node() };
    if (what < 9 && disk === 'slow') return { type: 'durable', node: node() };
    const message = underWay.length === 0 ? null : dice.pick(underWay);
    if (message === null) return { type: 'timeout', node: node(), timer: 'electionTimeout' };
    if (what < 10) return { type: 'lose', message };
    return dice.chance(0.1) ? { type: 'deliver', message, again: true } : { type: 'deliver', message };
  };
  const draw = (): ClusterEvent => {
    const event = happening();
    if (!dice.chance(0.06) || event.type === 'lose') return event;
    const id = event.type === 'deliver' ? event.message.to : event.node;
    if (dice.chance(0.4)) return { type: 'crash', node: id, writes: 0 };
    const effects = dice.between(event.type === 'deliver' ? 0 : 1, 3);
    return { type: 'crash', node: id, writes: dice.below(2), during: event, effects };
  };
  const schedule: ScheduledEvent[] = [];
  await cluster.start();
  while (schedule.length < length) {
    const event = draw();
    if (!(await isPlayed(cluster, event))) {
      // What cannot be played is told before anything happens, but for a death that did not come.
      if (event.type === 'crash') break;
      continue;
    }
    schedule.push({ event, dropped: [] });
    const happened = event.type === 'crash' ? event.during : event;
    if (happened?.type === 'lose' || (happened?.type === 'deliver' && !happened.again))
      remove(happened.message);
  }
  await cluster.stop();
  return schedule;
};

const isPlayed = async (cluster: DrivenCluster, event: ClusterEvent): Promise<boolean> => {
  try {
    await cluster.play({ event, dropped: [] });
    return true;
  } catch (error) {
    if (error instanceof UnplayableSchedule) return false;
    throw error;
  }
};
