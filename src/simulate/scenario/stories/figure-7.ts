import type { NodeId, Term } from '../../../raft/types.ts';
import type { Stage } from '../stage.ts';
import { type Story, steady } from '../story.ts';
import { put } from '../story-client.ts';

const [top, a, b, c, d, e, f] = [1, 2, 3, 4, 5, 6, 7] as const;
const labels = { [top]: 'top', [a]: 'a', [b]: 'b', [c]: 'c', [d]: 'd', [e]: 'e', [f]: 'f' };

const figure: Readonly<Record<NodeId, readonly Term[]>> = {
  [top]: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6],
  [a]: [1, 1, 1, 4, 4, 5, 5, 6, 6],
  [b]: [1, 1, 1, 4],
  [c]: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
  [d]: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
  [e]: [1, 1, 1, 4, 4, 4, 4],
  [f]: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
};

export const figure7: Story = {
  name: 'figure-7',
  title: 'Figure 7: seven logs as far apart as they can be, and one leader that makes them equal',
  source: 'Raft paper §5.3, Figure 7',
  moral:
    'followers that lacked entries, held extra ones, or both, have the log of the leader of term 8; it changed nothing of its own.',
  plan: { ...steady, nodes: 7 },
  async tell(stage) {
    stage.say(
      'How this came about is played, term by term, with real elections and real crashes, but not shown: see the source of this story.',
    );
    await stage.hushed(() => sevenTerms(stage));
    stage.showLogs(labels);
    stage.expect(
      'these are the logs of Figure 7',
      Object.entries(figure).every(([id, terms]) => stage.hasLog(Number(id), terms)),
    );
    stage.say(
      'node1 is elected for term 8, with the votes of a, b and e: c and d, whose logs are ahead of its own, are down.',
    );
    await stage.hushed(() => elect(stage, top, [a, b, e]));
    await stage.until('node1 leads', () => stage.isLeader(top));
    stage.expect('node1 leads term 8', stage.node(top).currentTerm === 8);
    const before = stage.terms(top);
    stage.restart(c, d);
    stage.heal();
    await stage.untilEqual();
    stage.showLogs(labels);
    stage.expect(
      'all hold the log of node1: its ten entries, and its no-op of term 8',
      stage.all().every(({ id }) => stage.hasLog(id, before)),
    );
  },
};

/** Plays terms 1 to 7 as the caption of Figure 7 tells them. Each leader opens its term with a no-op. */
const sevenTerms = async (stage: Stage): Promise<void> => {
  stage.start();
  await elect(stage, c, [top, a, b]);
  await append(stage, c, 2, [top, a, b, d, e, f]);
  stage.crash(c);
  stage.restart(c);
  // f leads terms 2 and 3, each time without reaching anybody once it is elected.
  for (const commands of [2, 4]) {
    await elect(stage, f, [top, a, b]);
    await append(stage, f, commands, []);
    stage.crash(f);
    if (commands === 2) stage.restart(f);
  }
  await elect(stage, e, [top, a, d]);
  await append(stage, e, 0, [top, a, b, c, d]);
  await append(stage, e, 1, [top, a, c, d]);
  await append(stage, e, 2, []);
  stage.crash(e);
  await elect(stage, top, [a, c, d]);
  await append(stage, top, 1, [a, c, d]);
  stage.crash(top);
  stage.restart(top);
  await elect(stage, c, [top, a, d]);
  await append(stage, c, 1, [top, a, d]);
  await append(stage, c, 1, [top, d]);
  await append(stage, c, 1, []);
  stage.crash(c);
  stage.restart(e);
  await elect(stage, d, [top, a, b]);
  await append(stage, d, 1, []);
  stage.crash(d);
  stage.restart(f);
  await stage.until('node6 and node7 run', () => stage.node(e).isUp && stage.node(f).isUp);
};

/** `leader` gets the votes of three, with its own just a majority of seven; until `append` it then reaches nobody. */
const elect = async (stage: Stage, leader: NodeId, voters: readonly NodeId[]): Promise<void> => {
  stage.onlyStar(leader, voters);
  const lastTerm = Math.max(...stage.all().map(({ currentTerm }) => currentTerm));
  await stage.until(`node${leader} is elected`, () =>
    voters.every((id) => {
      const { durable } = stage.node(id);
      return durable.votedFor === leader && durable.currentTerm > lastTerm;
    }),
  );
  stage.onlyStar(leader, []);
};

/** `leader` appends `commands` entries, and those of `reached` alone get them, with what they lack before. */
const append = async (
  stage: Stage,
  leader: NodeId,
  commands: number,
  reached: readonly NodeId[],
): Promise<void> => {
  await stage.until(`node${leader} leads`, () => stage.isLeader(leader));
  stage.onlyStar(leader, reached);
  for (let at = 0; at < commands; at++) stage.ask(put('x', `${at}`), leader);
  const { currentTerm } = stage.node(leader);
  const lastIndex = stage.node(leader).log.lastIndex + commands;
  await stage.until(`entries up to ${lastIndex} are where they should be`, () =>
    [leader, ...reached].every((id) => stage.isDurable(id, lastIndex, currentTerm)),
  );
  stage.onlyStar(leader, []);
};
