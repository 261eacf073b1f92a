import type { TimerName } from '../../../node/step.ts';
import type { MemberChange } from '../../../raft/members.ts';
import type { Progress } from '../../../raft/progress.ts';
import type { LogIndex, NodeId, Term } from '../../../raft/types.ts';
import { nodeName } from '../../../raft/types.ts';
import { memberOf } from '../../draw-changes.ts';
import type { GivenDisk } from '../../given-disk.ts';
import type { Stage } from '../stage.ts';
import { messageWords } from '../stepwise-cluster.ts';
import { cas, get, type Operation, put, remove } from '../story-client.ts';
import { StoryUnusable } from '../story-unusable.ts';
import { conditionIn, type Scene } from './conditions.ts';
import { faultVerbs } from './fault-verbs.ts';
import { lieIn } from './lie.ts';
import { upNode, type Verb } from './verb.ts';
import { numberIn, timeIn, Words } from './words.ts';

const timers = {
  electionTimeout: true,
  leaderLease: true,
  heartbeatInterval: true,
  quorumCheck: true,
  catchUpRound: true,
  catchUpTimeout: true,
  transferTimeout: true,
} as const satisfies Record<TimerName, true>;

/** What cannot be is the story's mistake. */
const usable = <Value>(make: () => Value): Value => {
  try {
    return make();
  } catch (error) {
    throw error instanceof RangeError ? new StoryUnusable(error.message) : error;
  }
};

const operations: Readonly<Record<string, (words: Words) => Operation>> = {
  put: (words) => put(words.take('a key'), words.take('a value')),
  get: (words) => get(words.take('a key')),
  delete: (words) => remove(words.take('a key')),
  cas: (words) => cas(words.take('a key'), words.take('the value that it has'), words.take('a value')),
};

const changes = ['add', 'promote', 'demote', 'remove'] as const;

/** `add 4, promote 4`. */
const changesIn = (text: string, nodes: number): readonly MemberChange[] =>
  text.split(',').map((part) => {
    const words = new Words(part, nodes);
    const type = words.oneOf(changes, 'a change');
    const node = words.node();
    words.end();
    return type === 'add' ? { type, ...memberOf(node) } : { type, node };
  });

/** `log=1,1,4 term=6 vote=1 snapshot=3`. */
const givenIn = (words: Words, voters: number): GivenDisk => {
  const given = new Map<string, string>();
  while (!words.isAtEnd) {
    const [name, value] = words.take('log=…').split('=');
    if (name === 'commit') {
      throw new StoryUnusable(
        'no disk holds a commit index: a leader tells it; snapshot=N commits what a snapshot stands for',
      );
    }
    if (value === undefined || !['log', 'term', 'vote', 'snapshot'].includes(name!)) {
      throw new StoryUnusable(`a disk has no "${name}": give log=1,1,4, term=6, vote=1 or snapshot=3`);
    }
    given.set(name!, value);
  }
  const terms = (given.get('log') ?? '')
    .split(',')
    .flatMap((term) => (term === '' ? [] : [numberIn(term, 'a term')]));
  if (terms.some((term, at) => term < (terms[at - 1] ?? 1))) {
    throw new StoryUnusable('the terms of a log never fall, and begin with 1 or more');
  }
  const lastTerm = terms.at(-1) ?? 0;
  const currentTerm = given.has('term') ? numberIn(given.get('term')!, 'a term') : lastTerm;
  if (currentTerm < lastTerm) {
    throw new StoryUnusable(
      `a node in term ${currentTerm} has no entry of term ${lastTerm}: give a later term`,
    );
  }
  const vote = given.get('vote') ?? 'none';
  const votedFor = vote === 'none' ? null : numberIn(vote, 'a node');
  if (votedFor !== null && (votedFor < 1 || votedFor > voters || currentTerm === 0)) {
    throw new StoryUnusable(
      `there is no node ${votedFor} to vote for${currentTerm === 0 ? ' in term 0' : ''}`,
    );
  }
  const snapshotIndex = numberIn(given.get('snapshot') ?? '0', 'an index');
  if (snapshotIndex > terms.length) {
    throw new StoryUnusable(
      `a snapshot of entry ${snapshotIndex} goes beyond the log: give the terms of all entries, those that the snapshot stands for as well`,
    );
  }
  return { terms, currentTerm, votedFor, snapshotIndex };
};

/** Two logs that hold the same entry are equal up to there, so a cluster never has logs for which that is not so. Raft paper §5.3. */
const assertMatching = (
  id: NodeId,
  terms: readonly Term[],
  others: ReadonlyMap<NodeId, readonly Term[]>,
): void => {
  for (const [other, theirs] of others) {
    const same = terms.findLastIndex((term, at) => theirs[at] === term);
    const differs = terms.findIndex((term, at) => at < same && theirs[at] !== term);
    if (differs < 0) continue;
    throw new StoryUnusable(
      `no cluster comes to these logs: ${nodeName(id)} and ${nodeName(other)} both hold entry ${same + 1} of term ${terms[same]}, and differ at ${differs + 1}`,
    );
  }
};

/** The terms on the disks that were given, by node. */
const givenLogs = new WeakMap<Stage, Map<NodeId, readonly Term[]>>();

const start = async (words: Words, { stage }: Scene): Promise<void> => {
  if (words.isAtEnd) {
    stage.start();
    await stage.settle();
    return;
  }
  const id = words.node();
  if (stage.node(id).isUp || stage.hasCrashed(id)) {
    throw new StoryUnusable(`${nodeName(id)} has been started before: restart it after a crash`);
  }
  if (words.isAtEnd) {
    await stage.startOne(id);
    return;
  }
  const given = givenIn(words, stage.simulation.plan.nodes);
  const logs = givenLogs.get(stage) ?? new Map();
  assertMatching(id, given.terms, logs);
  givenLogs.set(stage, logs.set(id, given.terms));
  await stage.startFrom(id, given);
};

/** Whatever it asks for, the answer may be there at once. */
const asking =
  (ask: (words: Words, scene: Scene, id: NodeId) => void): Verb['run'] =>
  async (words, scene) => {
    const id = upNode(words, scene);
    ask(words, scene, id);
    words.end();
    await scene.stage.settle();
  };

const progressRow = (id: NodeId, progress: Progress): string => {
  const { state, matchIndex, nextIndex, inflight } = progress;
  const waiting = inflight.length === 0 ? '' : `, unanswered up to ${inflight.join(' ')}`;
  const sent = state === 'snapshot' ? `, is sent the snapshot of entry ${progress.snapshot.index}` : '';
  return `${nodeName(id)}  ${state.padEnd(9)}  match ${matchIndex}  next ${nextIndex}${waiting}${sent}`;
};

const showStatus = (words: Words, { stage }: Scene): void => {
  const named = words.nodes();
  const ids = named.length > 0 ? named : stage.all().map(({ id }) => id);
  stage.show(
    ids.map((id) => {
      const { isUp, role, currentTerm, votedFor, log, commitIndex, lastApplied } = stage.node(id);
      const snapshot: LogIndex = stage.simulation.nodes[id - 1]!.snapshot?.context.snapshot.index ?? 0;
      const what = isUp ? role.replace('preC', 'pre-c') : 'down';
      const kept = snapshot === 0 ? '' : `  snapshot ${snapshot}`;
      return `${nodeName(id)}  ${what.padEnd(13)}  term ${currentTerm}  vote ${votedFor ?? 'none'}  last ${log.lastIndex}  commit ${commitIndex}  applied ${lastApplied}${kept}`;
    }),
  );
};

/** `1=150ms 2=300ms`. */
const timeoutsIn = (words: Words, nodes: number): Readonly<Record<NodeId, number>> => {
  const timeouts: Record<NodeId, number> = {};
  while (!words.isAtEnd) {
    const [id = '', time = ''] = words.take('NODE=TIME').split('=');
    const node = new Words(id, nodes).node();
    timeouts[node] = timeIn(time);
  }
  return timeouts;
};

/** What a directive may say, in the order in which the document lists it. */
export const verbs: Readonly<Record<string, Verb>> = {
  start: {
    usage: 'start [N [log=1,1,4] [term=T] [vote=M] [snapshot=INDEX]]',
    does: 'all nodes start that have not yet; or only N, on a disk with this content: the terms of its entries, its term (by default that of the last entry) and vote, and the index up to which a snapshot replaces the log',
    run: start,
  },
  campaign: {
    usage: 'campaign N',
    does: 'the lease of its leader, and then its election timeout, expires',
    only: 'held',
    run: async (words, scene) => scene.stage.expire(upNode(words, scene), 'electionTimeout'),
  },
  elect: {
    usage: 'elect N',
    does: "the others' leases expire, N campaigns, and everything is delivered: it must win",
    only: 'held',
    run: async (words, scene) => scene.stage.elect(upNode(words, scene)),
  },
  heartbeat: {
    usage: 'heartbeat N',
    does: 'it is time for a heartbeat of the leader N',
    only: 'held',
    run: async (words, scene) => scene.stage.expire(upNode(words, scene), 'heartbeatInterval'),
  },
  tick: {
    usage: `tick N TIMER`,
    does: `another timer of the chart expires: ${Object.keys(timers).join(', ')}`,
    only: 'held',
    run: async (words, scene) => {
      const id = upNode(words, scene);
      await scene.stage.expire(id, words.oneOf(Object.keys(timers) as TimerName[], 'a timer'));
    },
  },
  deliver: {
    usage: 'deliver [from N] [to N] [TYPE] [first|last|nth K]',
    does: 'these messages, of all that are under way now, arrive; not those sent in response',
    run: async (words, { stage }) => stage.deliver(words.selection()),
  },
  drop: {
    usage: 'drop [from N] [to N] [TYPE] [first|last|nth K]',
    does: 'these messages are lost',
    run: async (words, { stage }) => stage.drop(words.selection()),
  },
  repeat: {
    usage: 'repeat [from N] [to N] [TYPE] [first|last|nth K]',
    does: 'these messages arrive, and stay under way: they may arrive once more',
    run: async (words, { stage }) => stage.repeat(words.selection()),
  },
  catch: {
    usage: 'catch [from N] [to N] [TYPE] [first|last|nth K]',
    does: 'these messages, of all that are under way now, wait from now on: deliver or drop them',
    only: 'runs',
    run: async (words, { stage }) => stage.catch(words.selection()),
  },
  delay: {
    usage: 'delay TIME [from N] [to N] [TYPE] [first|last|nth K]',
    does: 'these messages, of all that are under way now, arrive this much later; others overtake them',
    only: 'runs',
    run: async (words, { stage }) => {
      const byMs = words.time();
      await stage.delay(words.selection(), byMs);
    },
  },
  lie: {
    usage: 'lie [from N] [to N] [TYPE] [first|last|nth K] FIELD=VALUE…',
    does: 'these messages, of all that are under way now, say something else than their sender wrote, as if it lied',
    run: async (words, { stage }) => {
      const selection = words.selection();
      const lie = lieIn(words);
      await stage.lie(selection, lie);
    },
  },
  stabilize: {
    usage: 'stabilize [N…]',
    does: 'messages arrive until none is under way any more (among these nodes); no timer expires',
    only: 'held',
    run: async (words, { stage }) => {
      const ids = words.nodes();
      await stage.stabilize(ids.length === 0 ? undefined : ids);
    },
  },
  hold: {
    usage: 'hold [from N] [to N] [TYPE]',
    does: 'such messages wait from now on: deliver or drop them',
    only: 'runs',
    run: (words, { stage }) => stage.hold(words.selection()),
  },
  release: {
    usage: 'release',
    does: 'what is held arrives, and nothing is held any more',
    only: 'runs',
    run: async (_, { stage }) => {
      stage.release();
      await stage.settle();
    },
  },
  propose: {
    usage: 'propose N put KEY VALUE|get KEY|delete KEY|cas KEY FROM TO',
    does: 'a client asks N to apply a command, and does not wait for the answer',
    run: asking((words, { stage }, id) => {
      const operation = words.oneOf(Object.keys(operations), 'a command');
      stage.ask(
        usable(() => operations[operation]!(words)),
        id,
      );
    }),
  },
  read: {
    usage: 'read N KEY',
    does: 'a client reads at N, leader or not, without an entry in the log (ReadIndex)',
    run: asking((words, { stage }, id) => {
      stage.client.read(words.take('a key'), id);
    }),
  },
  transfer: {
    usage: 'transfer N [to M]',
    does: 'a client asks N to hand over the leadership, to M or to whom it chooses',
    run: asking((words, { stage }, id) => {
      stage.client.transfer(id, words.takeIf('to') ? words.node() : null);
    }),
  },
  change: {
    usage: 'change N add|promote|demote|remove M[, …]',
    does: 'a client asks N for other members, all at once: add makes M a learner, promote a voter',
    run: async (words, scene) => {
      const id = upNode(words, scene);
      scene.stage.client.change(id, changesIn(words.rest('a change'), scene.stage.all().length));
      await scene.stage.settle();
    },
  },
  snapshot: {
    usage: 'snapshot N',
    does: 'N takes a snapshot of all that it has applied, and discards the log up to there',
    run: asking((_, { stage }, id) => {
      stage.client.snapshot(id);
    }),
  },
  ...faultVerbs,
  timeouts: {
    usage: 'timeouts N=TIME …|random',
    does: 'from their next timer on these nodes draw these election timeouts, or random ones again',
    only: 'runs',
    run: (words, { stage }) => {
      if (words.takeIf('random')) {
        stage.drawTimeouts();
        return;
      }
      usable(() => stage.timeouts(timeoutsIn(words, stage.all().length)));
    },
  },
  pass: {
    usage: 'pass TIME',
    does: 'this much time passes',
    only: 'runs',
    run: async (words, { stage }) => stage.pass(words.time()),
  },
  at: {
    usage: 'at TIME',
    does: 'time passes until the story has lasted this long',
    only: 'runs',
    run: async (words, { stage }) => {
      const ms = words.time() - stage.nowMs;
      if (ms < 0) throw new StoryUnusable(`the story has lasted ${stage.nowMs} ms already`);
      await stage.pass(ms);
    },
  },
  step: {
    usage: 'step [K]',
    does: 'K events happen, by default one, such as an arrival or an expiry, and not the others of the same moment',
    only: 'runs',
    run: async (words, { stage }) => stage.step(words.isAtEnd ? 1 : words.number('a number of events')),
  },
  until: {
    usage: 'until EXPECTATION [within TIME]',
    does: 'time passes until this holds, which must be within TIME, by default 5s',
    only: 'runs',
    run: async (words, scene, text) => {
      const [, what = text, within] = /^(.*?)\s+within\s+(\S+)$/.exec(text) ?? [];
      words.rest('an expectation');
      const condition = expectation(what, scene);
      const limit = within === undefined ? undefined : timeIn(within);
      await scene.stage.until(
        what,
        () => condition.isSo(),
        limit,
        () => condition.got(),
      );
    },
  },
  expect: {
    usage: 'expect EXPECTATION',
    does: 'the story fails unless this holds',
    isLook: true,
    run: (words, scene, text) => {
      words.rest('an expectation');
      const condition = expectation(text, scene);
      scene.stage.expect(text, condition.isSo(), condition.got());
    },
  },
  log: {
    usage: 'log',
    does: 'shows each log as the terms of its entries; ] marks the end of what the node knows to be committed',
    isLook: true,
    run: (_, { stage }) => stage.showLogs(),
  },
  status: {
    usage: 'status [N…]',
    does: 'shows role, term, vote and indexes',
    isLook: true,
    run: showStatus,
  },
  progress: {
    usage: 'progress N',
    does: 'shows what the leader N knows of its followers',
    isLook: true,
    run: (words, scene) => {
      const id = upNode(words, scene);
      const rows = Object.entries(scene.stage.simulation.nodes[id - 1]!.snapshot?.context.progress ?? {});
      if (rows.length === 0)
        throw new StoryUnusable(`${nodeName(id)} tracks no followers: it is not the leader`);
      scene.stage.show(rows.map(([follower, progress]) => progressRow(Number(follower), progress)));
    },
  },
  network: {
    usage: 'network',
    does: 'shows the messages under way, oldest first',
    isLook: true,
    run: (_, { stage }) => stage.show(stage.underWay().map(({ message }) => messageWords(message))),
  },
  say: {
    usage: 'say TEXT',
    does: 'the storyteller says something',
    isLook: true,
    run: (words, { stage }, text) => {
      words.rest('what to say');
      stage.say(text);
    },
  },
};

const expectation = (text: string, scene: Scene) => {
  const words = new Words(text, scene.stage.all().length);
  const condition = conditionIn(words, scene);
  words.end();
  return condition;
};

const quietly = 'quietly';

/** Plays one directive. */
export const playDirective = async (text: string, scene: Scene, acts: () => void): Promise<void> => {
  const { verb, after, isQuiet } = verbOf(text, scene.stage.isStepwise);
  const play = async (): Promise<void> => {
    if (verb.isLook !== true) acts();
    const words = new Words(after, scene.stage.all().length);
    try {
      await verb.run(words, scene, after);
      words.end();
    } catch (error) {
      if (!(error instanceof StoryUnusable)) throw error;
      throw new StoryUnusable(`${error.message} (${verb.usage})`);
    }
  };
  await (isQuiet ? scene.stage.hushed(play) : play());
};

/** What a directive begins with, and what follows that. Throws `StoryUnusable` where there is no such verb, or not with time held or running. */
export const verbOf = (
  text: string,
  isHeld: boolean,
): { readonly verb: Verb; readonly after: string; readonly isQuiet: boolean } => {
  const isQuiet = split(text)[0] === quietly;
  const [name = '', after = ''] = split(isQuiet ? (split(text)[1] ?? '') : text);
  if (isQuiet && name === '') throw new StoryUnusable(`${quietly} what? write a directive after it`);
  if (name === quietly) throw new StoryUnusable(`${quietly} is said twice: leave one out`);
  const verb = Object.hasOwn(verbs, name) ? verbs[name]! : undefined;
  if (verb === undefined) {
    throw new StoryUnusable(
      `there is no verb "${name}"; there are ${Object.keys(verbs).join(', ')} and ${quietly}`,
    );
  }
  if (verb.only !== undefined && isHeld !== (verb.only === 'held')) {
    const remedy = isHeld
      ? 'time is held here: say "time: runs" at the top'
      : 'time runs here: say "time: held" at the top';
    throw new StoryUnusable(`${name} is not for this story: ${remedy}`);
  }
  return { verb, after, isQuiet };
};

const split = (text: string): readonly string[] => /^(\S+)\s*(.*)$/.exec(text)?.slice(1) ?? [];
