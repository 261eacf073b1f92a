import type { raftMachine } from '../../machines/raft/raft.machine.ts';
import type { TimerName } from '../../src/node/step.ts';
import type { MemberChange } from '../../src/raft/members.ts';
import { messageTable } from '../../src/raft/message-table.ts';
import type { NodeId } from '../../src/raft/types.ts';
import {
  type ClusterOptions,
  memberOf,
  type Selection,
  StoryCluster,
  usualOptions,
} from './story-cluster.ts';
import { StoryFailed } from './story-failed.ts';
import type { Transcript } from './transcript.ts';

interface Command {
  readonly usage: string;
  readonly run: (cluster: StoryCluster, words: readonly string[]) => void;
}

const timers: Readonly<Record<TimerName, true>> = {
  electionTimeout: true,
  leaderLease: true,
  heartbeatInterval: true,
  quorumCheck: true,
  catchUpRound: true,
  catchUpTimeout: true,
  transferTimeout: true,
};

/** What a script may say, and how. ARCHITECTURE.md, Recipes, tells more. */
export const commands: Readonly<Record<string, Command>> = {
  elect: { usage: 'elect NODE', run: (cluster, words) => cluster.elect(nodeOf(words)) },
  timeout: {
    usage: 'timeout NODE… [TIMER]',
    run: (cluster, words) => {
      const last = words.at(-1) ?? '';
      const isNamed = Object.hasOwn(timers, last);
      const ids = isNamed ? words.slice(0, -1) : words;
      if (ids.length === 0) throw new StoryFailed('names no node');
      const timer = isNamed ? (last as TimerName) : 'electionTimeout';
      for (const id of ids.map((word) =>
        numberIn(word, `a node or a timer, of ${Object.keys(timers).join(', ')}`),
      ))
        cluster.expire(id, timer);
    },
  },
  heartbeat: {
    usage: 'heartbeat NODE',
    run: (cluster, words) => cluster.expire(nodeOf(words), 'heartbeatInterval'),
  },
  deliver: {
    usage: 'deliver [FROM TO [MESSAGE [newest|all]]]',
    run: (cluster, words) =>
      words.length === 0 ? cluster.deliverAll() : cluster.deliver(selectionIn(words)),
  },
  exchange: {
    usage: 'exchange NODE NODE…',
    run: (cluster, words) => cluster.exchange(nodesIn(words)),
  },
  duplicate: {
    usage: 'duplicate FROM TO [MESSAGE [newest|all]]',
    run: (cluster, words) => cluster.duplicate(selectionIn(words)),
  },
  drop: {
    usage: 'drop FROM TO [MESSAGE [newest|all]]',
    run: (cluster, words) => cluster.drop(selectionIn(words)),
  },
  cut: {
    usage: 'cut NODE…',
    run: (cluster, words) =>
      nodesIn(words).forEach((id) => {
        cluster.cut(id, true);
      }),
  },
  heal: {
    usage: 'heal NODE…',
    run: (cluster, words) =>
      nodesIn(words).forEach((id) => {
        cluster.cut(id, false);
      }),
  },
  propose: {
    usage: 'propose NODE COMMAND…',
    run: (cluster, [node, ...words]) => {
      if (words.length === 0) throw new StoryFailed('proposes nothing');
      cluster.propose(numberIn(node, 'a node'), words);
    },
  },
  change: {
    usage: 'change NODE (add|promote|demote|remove|update) NODE [disk NAME][, …]',
    run: (cluster, [node, ...words]) => {
      cluster.change(numberIn(node, 'a node'), words.join(' ').split(', ').map(changeIn));
    },
  },
  transfer: {
    usage: 'transfer NODE [TARGET]',
    run: (cluster, [node, target]) =>
      cluster.transfer(numberIn(node, 'a node'), target === undefined ? null : numberIn(target, 'a node')),
  },
  read: { usage: 'read NODE', run: (cluster, words) => cluster.read(nodeOf(words)) },
  snapshot: { usage: 'snapshot NODE', run: (cluster, words) => cluster.snapshot(nodeOf(words)) },
  check: {
    usage: 'check NODE sound|damaged',
    run: (cluster, [node, result]) => {
      if (result !== 'sound' && result !== 'damaged') throw new StoryFailed('is neither sound nor damaged');
      cluster.checkSnapshot(numberIn(node, 'a node'), result === 'sound');
    },
  },
  slow: { usage: 'slow NODE', run: (cluster, words) => cluster.slow(nodeOf(words)) },
  disk: {
    usage: 'disk NODE [all]',
    run: (cluster, [node, all]) => {
      if (all !== undefined && all !== 'all') throw new StoryFailed(`does not know ${all}`);
      cluster.write(numberIn(node, 'a node'), all === 'all');
    },
  },
  crash: {
    usage: 'crash NODE [WRITES THAT STAY]',
    run: (cluster, [node, kept]) =>
      cluster.crash(numberIn(node, 'a node'), kept === undefined ? 0 : numberIn(kept, 'a number of writes')),
  },
  restart: { usage: 'restart NODE', run: (cluster, words) => cluster.restart(nodeOf(words)) },
  status: { usage: 'status [NODE…]', run: (cluster, words) => cluster.status(nodesIn(words)) },
  network: { usage: 'network', run: (cluster) => cluster.network() },
};

const optionNames = Object.keys(usualOptions).filter((name) => name !== 'voters');

/** What `cluster 3 spares=1 chunks=3` says. */
const optionsIn = ([voters, ...words]: readonly string[]): ClusterOptions => {
  const options: Record<string, number> = { ...usualOptions, voters: numberIn(voters, 'a number of voters') };
  for (const word of words) {
    const [name, value] = word.split('=');
    if (!optionNames.includes(name!)) {
      throw new StoryFailed(`does not know the option ${name}; there are ${optionNames.join(', ')}`);
    }
    options[name!] = numberIn(value, `${name}=NUMBER`);
  }
  return options as unknown as ClusterOptions;
};

/** Runs a script, one line after another. */
export class Script {
  readonly #transcript: Transcript;
  readonly #machine: typeof raftMachine | undefined;
  #cluster: StoryCluster | null = null;

  /** `machine` may be a broken chart. */
  constructor(transcript: Transcript, machine?: typeof raftMachine) {
    this.#transcript = transcript;
    this.#machine = machine;
  }

  /** Throws `StoryFailed`. */
  run(line: string): void {
    const words = line.trim().split(/\s+/);
    this.#transcript.isQuiet = words[0] === 'quietly';
    const [name, ...rest] = this.#transcript.isQuiet ? words.slice(1) : words;
    if (name === 'cluster') {
      this.#cluster = new StoryCluster(optionsIn(rest), this.#transcript, this.#machine);
      return;
    }
    const command = Object.hasOwn(commands, name ?? '') ? commands[name!] : undefined;
    if (command === undefined) {
      const known = ['cluster', ...Object.keys(commands)].join(', ');
      throw new StoryFailed(`does not know ${JSON.stringify(name ?? '')}; there are ${known}`);
    }
    if (this.#cluster === null) throw new StoryFailed('comes before a cluster: begin with "cluster 3"');
    try {
      command.run(this.#cluster, rest);
    } catch (error) {
      if (!(error instanceof StoryFailed)) throw error;
      throw new StoryFailed(`${error.message} (${command.usage})`);
    }
  }
}

const numberIn = (word: string | undefined, what: string): number => {
  const number = /^\d+$/.test(word ?? '') ? Number(word) : Number.NaN;
  if (Number.isNaN(number))
    throw new StoryFailed(`${word === undefined ? 'nothing' : JSON.stringify(word)} is not ${what}`);
  return number;
};

const nodeOf = (words: readonly string[]): NodeId => {
  if (words.length !== 1) throw new StoryFailed('names not exactly one node');
  return numberIn(words[0], 'a node');
};

const nodesIn = (words: readonly string[]): readonly NodeId[] =>
  words.map((word) => numberIn(word, 'a node'));

const endIn = (word: string | undefined): NodeId | null =>
  word === '*' ? null : numberIn(word, 'a node or *');

const selectionIn = ([from, to, type, which, ...rest]: readonly string[]): Selection => {
  if (type !== undefined && !Object.hasOwn(messageTable, type)) {
    throw new StoryFailed(
      `does not know the message ${type}; there are ${Object.keys(messageTable).join(', ')}`,
    );
  }
  if (rest.length > 0 || (which !== undefined && which !== 'newest' && which !== 'all')) {
    throw new StoryFailed(`does not know ${[which, ...rest].join(' ')}`);
  }
  const usual = type === undefined ? 'all' : 'oldest';
  return { from: endIn(from), to: endIn(to), type: type ?? null, which: which ?? usual };
};

const changeIn = (text: string): MemberChange => {
  const [type, word, ...rest] = text.split(' ');
  const node = numberIn(word, 'a node');
  if (type === 'update' && rest.length === 2 && rest[0] === 'disk') {
    return { type, node, member: { ...memberOf(node), logId: rest[1]! } };
  }
  if (rest.length > 0)
    throw new StoryFailed(`${JSON.stringify(text)} is more than one change: separate them by commas`);
  switch (type) {
    case 'add':
    case 'update':
      return { type, node, member: memberOf(node) };
    case 'promote':
    case 'demote':
    case 'remove':
      return { type, node };
    default:
      throw new StoryFailed(`does not know the change ${type}`);
  }
};
