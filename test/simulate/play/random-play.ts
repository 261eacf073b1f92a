import { messageTable } from '../../../src/raft/message-table.ts';
import { Dice } from '../../../src/simulate/dice.ts';
import { type Answer, Engine, type Request } from '../../../src/simulate/play/engine.ts';
import type { Frame } from '../../../src/simulate/play/frame.ts';

/** What somebody did, who knew what was to be seen at each moment. */
export interface RandomPlay {
  /** Each was done, and none refused. */
  readonly requests: readonly Request[];
  /** What came of it. */
  readonly trace: string;
  readonly last: Answer;
}

/** The same play for the same seed: a cluster of any kind, and about `interventions` things that are done to it. */
export const randomPlay = async (seed: number, interventions: number): Promise<RandomPlay> => {
  const dice = new Dice(seed, 'play').stream(0);
  const random = () => dice.fraction();
  const pick = <Value>(values: readonly Value[]): Value => dice.pick(values);
  const engine = new Engine();
  const requests: Request[] = [];
  let frame: Frame | null = null;
  const ask = async (request: Request): Promise<Answer> => {
    const answer = await engine.answer(request);
    if (answer.refusal === null) requests.push(request);
    frame = answer.frames.at(-1) ?? frame;
    return answer;
  };
  const nodes = pick([1, 2, 3, 3, 4, 5, 5, 7]);
  const isHeld = random() < 0.25;
  await ask({
    type: 'open',
    text: [
      `nodes: ${nodes}`,
      ...(random() < 0.3 ? ['spares: 1'] : []),
      `time: ${isHeld ? 'held' : 'runs'}`,
      `reads: ${pick(['index', 'lease'])}`,
      ...(random() < 0.3 ? [`entries: ${pick([1, 2, 5])}`] : []),
      `seed: ${Math.floor(random() * 1_000_000)}`,
      '',
      'start',
      '',
    ].join('\n'),
  });
  let last = await ask({ type: 'next' });
  for (let done = 0, tries = 0; done < interventions && tries < interventions * 20; tries++) {
    if (!isHeld) {
      const time = random();
      if (time < 0.3) last = await ask({ type: 'step' });
      else if (time < 0.8)
        last = await ask({ type: 'run', untilUs: last.nowUs + Math.floor(random() * 90_000) });
    }
    last = await ask({
      type: 'act',
      directive: (isHeld ? heldDirective : runningDirective)(frame!, random, pick),
    });
    if (last.refusal === null) done++;
    if (last.failure !== null) break;
  }
  const { exported } = await engine.answer({ type: 'export', as: 'trace' });
  return { requests, trace: exported!, last };
};

type Pick = <Value>(values: readonly Value[]) => Value;

const types = Object.keys(messageTable);

/** It may be one that cannot be done right now. */
const anyDirective = ({ nodes, flights }: Frame, random: () => number, pick: Pick): readonly string[] => {
  const ids = nodes.map(({ id }) => id);
  const [one, other] = [pick(ids), pick(ids)];
  const leader = nodes.find(({ role, isUp }) => role === 'leader' && isUp)?.id ?? one;
  const to = random() < 0.8 ? leader : one;
  const cut = 1 + Math.floor(random() * (ids.length - 1));
  const flight = flights.length === 0 ? null : pick(flights).message;
  const which = [
    ...(flight !== null && random() < 0.7 ? [`from ${flight.from}`] : []),
    ...(flight !== null && random() < 0.7 ? [`to ${flight.to}`] : []),
    ...(random() < 0.4 ? [flight?.type ?? pick(types)] : []),
    ...(random() < 0.6 ? [pick(['first', 'last', 'nth 2'])] : []),
  ].join(' ');
  const [key, value] = [`k${Math.floor(random() * 3)}`, Math.floor(random() * 100)];
  return [
    `crash ${one}`,
    `restart ${nodes.find(({ isUp }) => !isUp)?.id ?? one}`,
    `propose ${to} ${pick([`put ${key} ${value}`, `get ${key}`, `delete ${key}`, `cas ${key} 1 ${value}`])}`,
    `propose ${to} put ${key} ${value}`,
    `read ${to} ${key}`,
    `transfer ${leader}${random() < 0.5 ? ` to ${other}` : ''}`,
    `change ${leader} ${pick(['add', 'promote', 'demote', 'remove'])} ${other}`,
    `snapshot ${one}`,
    `partition ${ids.slice(0, cut).join(' ')} | ${ids.slice(cut).join(' ')}`,
    `star ${one} ${ids.filter((id) => id !== one && random() < 0.5).join(' ')}`,
    `mute ${one}`,
    `cut ${one} to ${other}`,
    `mend ${one} to ${other}`,
    'heal',
    'heal',
    `deliver ${which}`,
    `drop ${which}`,
    `repeat ${which}`,
  ];
};

const runningDirective = (frame: Frame, random: () => number, pick: Pick): string => {
  const node = pick(frame.nodes).id;
  const other = pick(frame.nodes).id;
  const [ms, percent] = [Math.floor(random() * 80), Math.floor(random() * 30)];
  return pick([
    ...anyDirective(frame, random, pick),
    ...anyDirective(frame, random, pick),
    `pause ${node}`,
    `resume ${frame.nodes.find(({ isPaused }) => isPaused)?.id ?? node}`,
    `clock ${node} ${pick([0.5, 0.9, 1, 1.1, 2])}`,
    `fail-sync ${node}`,
    `full-disk ${node}`,
    `full-disk ${node} no`,
    `lose-disk ${node}`,
    `restore-disk ${node}`,
    `slow-disk ${node} ${ms}ms`,
    `slow-link ${node} to ${other} ${ms}ms`,
    `rates loss=${percent}% duplicates=${percent}% reorders=${percent}% delay=1ms..${1 + ms}ms`,
    `catch ${pick(['first', 'last'])}`,
    `delay ${ms}ms ${pick(['first', 'last', ''])}`,
    `hold from ${node}`,
    'release',
    `timeouts ${node}=${150 + ms}ms`,
    `pass ${ms}ms`,
  ]);
};

const heldDirective = (frame: Frame, random: () => number, pick: Pick): string => {
  const node = pick(frame.nodes);
  const timer = node.timers.length === 0 ? 'electionTimeout' : pick(node.timers).name;
  return pick([
    ...anyDirective(frame, random, pick),
    `campaign ${node.id}`,
    `elect ${node.id}`,
    `heartbeat ${node.id}`,
    `tick ${node.id} ${timer}`,
    `slow-disk ${node.id}`,
    `sync ${node.id}`,
    `sync ${node.id} all`,
    'stabilize',
    'stabilize',
    'stabilize',
  ]);
};
