import { raftMachine } from '../../../../machines/raft/raft.machine.ts';
import { currentConfiguration } from '../../../raft/configuration.ts';
import { lastTerm } from '../../../raft/log-shape.ts';
import type { Message } from '../../../raft/messages.ts';
import { type NodeId, nodeName } from '../../../raft/types.ts';
import { transitionsOf } from '../../../statechart/read/model.ts';
import { walk } from '../../../statechart/read/walk.ts';
import type { TakenTransition } from '../../../trace/events.ts';
import { leaderOf } from '../../../verify/properties/history.ts';
import type { DurableView, NodeView } from '../../../verify/properties/view.ts';
import type { Stage } from '../stage.ts';
import { messageWords } from '../stepwise-cluster.ts';
import { StoryUnusable } from '../story-unusable.ts';
import type { Words } from './words.ts';

/** What a story may expect, and wait for. */
export interface Condition {
  isSo(): boolean;
  /** What is so, in words. */
  got(): string;
}

/** Where conditions are looked at. */
export interface Scene {
  readonly stage: Stage;
  /** The transitions that a node has taken since the last directive that did something. */
  taken(id: NodeId): readonly TakenTransition[];
  /** The messages that have arrived at a node since then. */
  received(id: NodeId): readonly Message[];
}

export interface ConditionForm {
  readonly usage: string;
  readonly means: string;
}

interface Form extends ConditionForm {
  readonly parse: (words: Words, scene: Scene) => Condition;
}

interface NodeForm extends ConditionForm {
  readonly parse: (words: Words, scene: Scene, id: NodeId) => Condition;
}

type Comparison = '=' | '>=' | '<=' | '>' | '<';
const compare: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
};

/** `[=|>=|<=|>|<] NUMBER`. */
const comparing = (words: Words, name: string, value: () => number): Condition => {
  const comparison = (Object.keys(compare) as Comparison[]).find((each) => words.takeIf(each)) ?? '=';
  const bound = words.number('a number');
  return { isSo: () => compare[comparison](value(), bound), got: () => `${name} ${value()}` };
};

const listed = (items: readonly (number | string)[], none = 'none'): string =>
  items.length === 0 ? none : items.join(' ');

/** A list of numbers, or `none`. */
const listing = (words: Words, name: string, value: () => readonly number[]): Condition => {
  const wanted = words.takeIf('none') ? [] : words.numbers('a number');
  return {
    isSo: () => listed(value()) === listed(wanted),
    got: () => `${name} ${listed(value())}`,
  };
};

/** What follows `in`. */
const termIn = (words: Words): number => {
  words.expect('term');
  return words.number('a term');
};

const roles = ['leader', 'follower', 'candidate', 'pre-candidate', 'down', 'up'] as const;

const roleOf = ({ isUp, role }: NodeView): string =>
  isUp ? role.replace('preCandidate', 'pre-candidate') : 'down';

/** Vote, term and log, as the node has them or as its disk does. */
const hardState: Readonly<
  Record<string, (words: Words, scene: Scene, id: NodeId, view: () => DurableView) => Condition>
> = {
  term: (words, _, __, view) => comparing(words, 'term', () => view().currentTerm),
  vote: (words, _, __, view) => {
    const wanted = words.nodeOrNone();
    return { isSo: () => view().votedFor === wanted, got: () => `vote ${view().votedFor ?? 'none'}` };
  },
  log: (words, { stage }, _, view) => listing(words, 'log', () => stage.termsIn(view().log)),
  last: (words, _, __, view) => {
    const index = comparing(words, 'last', () => view().log.lastIndex);
    if (!words.takeIf('of')) return index;
    words.expect('term');
    const term = words.number('a term');
    return {
      isSo: () => index.isSo() && lastTerm(view().log) === term,
      got: () => `${index.got()} of term ${lastTerm(view().log)}`,
    };
  },
};

const configurationOf = ({ configurations }: NodeView) =>
  configurations.length === 0 ? null : currentConfiguration(configurations);

/** `N …`, by the word after the node. */
const ofNode: Readonly<Record<string, NodeForm>> = {
  is: {
    usage: `N is ${roles.join('|')} [in term T]`,
    means: 'its role, or whether it runs',
    parse: (words, { stage }, id) => {
      const wanted = words.oneOf(roles, 'a role');
      const term = words.takeIf('in') ? termIn(words) : null;
      return {
        isSo: () => {
          const node = stage.node(id);
          const isRole = wanted === 'up' ? node.isUp : roleOf(node) === wanted;
          return isRole && (term === null || node.currentTerm === term);
        },
        got: () => `${nodeName(id)} is ${roleOf(stage.node(id))} in term ${stage.node(id).currentTerm}`,
      };
    },
  },
  term: {
    usage: 'N term [=|>=|<=|>|<] T',
    means: 'its current term',
    parse: (words, scene, id) => hardState.term!(words, scene, id, () => scene.stage.node(id)),
  },
  vote: {
    usage: 'N vote M|none',
    means: 'whom it voted for in its term',
    parse: (words, scene, id) => hardState.vote!(words, scene, id, () => scene.stage.node(id)),
  },
  log: {
    usage: 'N log T T T …|none',
    means: 'the term of each entry of its log, from index 1 on; 0 for one that only a snapshot stands for',
    parse: (words, scene, id) => hardState.log!(words, scene, id, () => scene.stage.node(id)),
  },
  last: {
    usage: 'N last [=|>=|…] INDEX [of term T]',
    means: 'the last entry of its log',
    parse: (words, scene, id) => hardState.last!(words, scene, id, () => scene.stage.node(id)),
  },
  disk: {
    usage: 'N disk term|vote|log|last …',
    means: 'the same of what is durable there',
    parse: (words, scene, id) => {
      const what = words.oneOf(Object.keys(hardState), 'what a disk holds');
      const condition = hardState[what]!(words, scene, id, () => scene.stage.node(id).durable);
      return { isSo: condition.isSo, got: () => `disk ${condition.got()}` };
    },
  },
  commit: {
    usage: 'N commit [=|>=|…] INDEX',
    means: 'how far it knows the log to be committed',
    parse: (words, { stage }, id) => comparing(words, 'commit', () => stage.node(id).commitIndex),
  },
  applied: {
    usage: 'N applied [=|>=|…] INDEX',
    means: 'how far its state machine has come',
    parse: (words, { stage }, id) => comparing(words, 'applied', () => stage.node(id).lastApplied),
  },
  snapshot: {
    usage: 'N snapshot [=|>=|…] INDEX',
    means: 'the last entry that its snapshot stands for; 0: it has none',
    parse: (words, { stage }, id) =>
      comparing(
        words,
        'snapshot',
        () => stage.simulation.nodes[id - 1]!.snapshot?.context.snapshot.index ?? 0,
      ),
  },
  follows: {
    usage: 'N follows M|none',
    means: 'whom it knows to lead its term',
    parse: (words, { stage }, id) => {
      const leader = () => stage.simulation.nodes[id - 1]!.snapshot?.context.leaderId ?? null;
      const wanted = words.nodeOrNone();
      return { isSo: () => leader() === wanted, got: () => `it follows ${leader() ?? 'none'}` };
    },
  },
  holds: {
    usage: 'N holds KEY VALUE|nothing',
    means: 'what its state machine has under a key',
    parse: (words, { stage }, id) => {
      const key = words.take('a key');
      const wanted = words.rest('a value');
      const value = () => stage.client.valueAt(id, key) ?? 'nothing';
      return { isSo: () => value() === wanted, got: () => `${key} is ${value()}` };
    },
  },
  voters: {
    usage: 'N voters M M …',
    means: 'who votes, by the latest configuration in its log',
    parse: (words, { stage }, id) =>
      listing(words, 'voters', () => configurationOf(stage.node(id))?.voters ?? []),
  },
  outgoing: {
    usage: 'N outgoing M M …|none',
    means: 'the old voters, as long as that configuration is joint',
    parse: (words, { stage }, id) =>
      listing(words, 'outgoing', () => configurationOf(stage.node(id))?.outgoing ?? []),
  },
  learners: {
    usage: 'N learners M M …|none',
    means: 'who is sent the log and has no vote',
    parse: (words, { stage }, id) =>
      listing(words, 'learners', () => configurationOf(stage.node(id))?.learners ?? []),
  },
  received: {
    usage: 'N received TYPE [from M]',
    means: 'that such a message has arrived there in the last directive that did something',
    parse: (words, scene, id) => {
      const type = words.message();
      const from = words.takeIf('from') ? words.node() : null;
      const received = () => scene.received(id);
      return {
        isSo: () => received().some((each) => each.type === type && (from === null || each.from === from)),
        got: () => `${nodeName(id)} received ${received().map(messageWords).join('; ') || 'nothing'}`,
      };
    },
  },
  took: {
    usage: 'N took "SENTENCE"|RULE',
    means:
      'that it took the transition of the chart whose sentence begins so, or whose id in a trace is RULE, in the last directive that did something',
    parse: (words, scene, id) => {
      const wanted = words.rest('the beginning of a sentence of the chart').replace(/(…|\.\.\.)$/, '');
      const isMeant = (rule: string, description: string | null): boolean =>
        rule === wanted || (description?.startsWith(wanted) ?? false);
      if (!transitionsOf(walk(raftMachine)).some((each) => isMeant(each.id, each.description))) {
        throw new StoryUnusable(
          `no transition of the chart begins with "${wanted}": docs/protocol.md has their sentences`,
        );
      }
      const taken = () => scene.taken(id);
      return {
        isSo: () => taken().some((each) => isMeant(each.id, each.description)),
        got: () => {
          const sentences = taken().flatMap(({ description }) =>
            description === null ? [] : [`"${description}"`],
          );
          return `${nodeName(id)} took ${listed([...new Set(sentences)], 'none')}`;
        },
      };
    },
  },
};

const progressFields = ['match', 'next', 'state'] as const;

/** By the first word, which is no node. */
const ofCluster: Readonly<Record<string, Form>> = {
  leader: {
    usage: 'leader N',
    means: 'that N leads the latest term that anybody leads',
    parse: (words, { stage }) => {
      const wanted = words.node();
      const leader = () => stage.leaders().at(-1)?.id;
      return { isSo: () => leader() === wanted, got: () => `leader ${leader() ?? 'none'}` };
    },
  },
  no: {
    usage: 'no leader [in term T], no message …',
    means: 'that nobody leads, or has ever led that term; that no such message is under way',
    parse: (words, scene) => {
      const { stage } = scene;
      if (words.takeIf('message')) {
        const some = messageCondition(words, scene);
        return { isSo: () => !some.isSo(), got: some.got };
      }
      words.expect('leader');
      if (!words.takeIf('in')) {
        const leaders = () =>
          stage.leaders().map(({ id, currentTerm }) => `${nodeName(id)} leads term ${currentTerm}`);
        return { isSo: () => leaders().length === 0, got: () => listed(leaders(), 'no leader') };
      }
      const term = termIn(words);
      const leader = () => leaderOf(stage.simulation.checks.view.history, term);
      return {
        isSo: () => leader() === undefined,
        got: () => (leader() === undefined ? 'no leader' : `${nodeName(leader()!)} has led term ${term}`),
      };
    },
  },
  led: {
    usage: 'led',
    means: 'that a leader has a majority of all nodes in its term, and has committed its log',
    parse: (_, { stage }) => ({
      isSo: () => stage.isLed(),
      got: () =>
        listed(
          stage
            .all()
            .map((node) => `${nodeName(node.id)} is ${roleOf(node)}`)
            .map((each) => `${each},`),
        ),
    }),
  },
  equal: {
    usage: 'equal',
    means: 'that all nodes run, and hold and have applied the same log',
    parse: (_, { stage }) => ({
      isSo: () => stage.areEqual(),
      got: () =>
        stage
          .all()
          .map(
            ({ id, lastApplied }) => `${nodeName(id)} log ${listed(stage.terms(id))} applied ${lastApplied}`,
          )
          .join(', '),
    }),
  },
  message: {
    usage: 'message [from N] [to N] [TYPE] [first|last|nth K]',
    means: 'that such a message is under way',
    parse: (words, scene) => messageCondition(words, scene),
  },
  told: {
    usage:
      'told [K] applied|value V|no value|mismatch|not-leader [N]|overwritten|unknown|overloaded|changed|moved N|refused WHY|done|timed-out|nothing',
    means: 'what the client was told about its last request, or about its request number K',
    parse: (words, { stage }) => {
      const { asked } = stage.client;
      const nth = /^\d+$/.test(words.next) ? words.number('a request') : asked.length;
      if (nth < 1 || nth > asked.length) {
        throw new StoryUnusable(
          `there is no request ${nth}: clients have asked ${asked.length} times so far`,
        );
      }
      const wanted = words.rest('what it was told');
      const told = () => asked[nth - 1]!.told ?? 'nothing';
      return {
        isSo: () => told() === wanted || told().startsWith(`${wanted} `),
        got: () => `told ${told()}`,
      };
    },
  },
  progress: {
    usage: 'progress N M match|next [=|>=|…] INDEX, progress N M state probe|replicate|snapshot',
    means: 'what the leader N knows of M',
    parse: (words, { stage }) => {
      const [leader, follower] = [words.node(), words.node()];
      const known = () => stage.simulation.nodes[leader - 1]!.snapshot?.context.progress[follower];
      const none = `${nodeName(leader)} does not track ${nodeName(follower)}`;
      const field = words.oneOf(progressFields, 'what a leader knows');
      if (field !== 'state') {
        const value = () => (field === 'match' ? known()?.matchIndex : known()?.nextIndex) ?? -1;
        const condition = comparing(words, field, value);
        return { isSo: condition.isSo, got: () => (known() === undefined ? none : condition.got()) };
      }
      const wanted = words.oneOf(['probe', 'replicate', 'snapshot', 'lost'] as const, 'a state');
      return {
        isSo: () => known()?.state === wanted,
        got: () => (known() === undefined ? none : `state ${known()!.state}`),
      };
    },
  },
};

const messageCondition = (words: Words, { stage }: Scene): Condition => {
  const selection = words.selection();
  return {
    isSo: () => stage.underWay(selection).length > 0,
    got: () =>
      `under way: ${
        stage
          .underWay()
          .map(({ message }) => messageWords(message))
          .join('; ') || 'none'
      }`,
  };
};

/** Every form, for the documents. */
export const conditionForms: readonly ConditionForm[] = [
  ...Object.values(ofNode),
  ...Object.values(ofCluster),
];

/** The condition that the words up to `within` or the end are. */
export const conditionIn = (words: Words, scene: Scene): Condition => {
  const isNegated = words.takeIf('not');
  const condition = positive(words, scene);
  if (!isNegated) return condition;
  return { isSo: () => !condition.isSo(), got: condition.got };
};

const positive = (words: Words, scene: Scene): Condition => {
  if (/^\d/.test(words.next)) {
    const id = words.node();
    const word = words.oneOf(Object.keys(ofNode), 'what a node may be expected to be');
    return ofNode[word]!.parse(words, scene, id);
  }
  const word = words.oneOf(Object.keys(ofCluster), 'an expectation begins with a node, or');
  return ofCluster[word]!.parse(words, scene);
};
