import { messageTable, messageTypes } from '../../raft/message-table.ts';
import type { MessageType } from '../../raft/messages.ts';
import {
  type ChartModel,
  isIgnored,
  type StateModel,
  statesBelow,
  type TransitionModel,
} from '../../statechart/read/model.ts';

/** What a role does with a message of the current term. */
export type Handling =
  /** The role, a state inside it, or the root on behalf of all roles, has branches for it. */
  | { readonly kind: 'handled'; readonly actions: readonly string[] }
  /** A branch of the role takes every such message before it is delivered, but for those that a transfer asked for. */
  | { readonly kind: 'stopped'; readonly guard: string }
  /** It means nothing to the role: the root ignores what no role asked for. */
  | { readonly kind: 'ignored' }
  /** No branch covers it. */
  | { readonly kind: 'forgotten' };

/** Each role of the chart with each message, in the order of the chart and of the table of messages. */
export const roleMessages = (
  chart: ChartModel,
  types: readonly string[] = messageTypes,
): readonly { readonly role: string; readonly message: string; readonly handling: Handling }[] =>
  chart.root.states.flatMap((role) =>
    types.map((message) => ({ role: role.key, message, handling: handlingOf(chart, role, message) })),
  );

const handlingOf = (chart: ChartModel, role: StateModel, message: string): Handling => {
  const guard = stopping(role, message);
  if (guard !== null) return { kind: 'stopped', guard };
  const branches = statesBelow(role).flatMap((state) => branchesOf(state, message));
  const defaults = branchesOf(chart.root, message);
  // A state inside the role is not always active: what it does not see must be left to the role or to the root.
  const isHandled = branchesOf(role, message).length > 0 || (branches.length > 0 && defaults.length > 0);
  if (!isHandled && defaults.length > 0 && defaults.every(isIgnored)) return { kind: 'ignored' };
  const answering = isHandled ? branches : defaults;
  if (answering.length === 0 || !(isHandled || defaults.length > 0)) return { kind: 'forgotten' };
  const actions = answering.flatMap(({ actions: named }) => named.map(({ name }) => name));
  return { kind: 'handled', actions: [...new Set(actions)] };
};

/** The guard of the role's own branch of Received that takes such messages and ignores them; null if there is none. */
const stopping = (role: StateModel, message: string): string | null => {
  const branch = branchesOf(role, 'Received').find(isIgnored);
  return branch?.guard === 'isDisruptiveVote' &&
    messageTable[message as MessageType]?.asksForVote &&
    !('leadershipTransfer' in messageTable[message as MessageType].fields)
    ? branch.guard
    : null;
};

const branchesOf = ({ transitions }: StateModel, trigger: string): readonly TransitionModel[] =>
  transitions.filter((transition) => transition.kind === 'event' && transition.trigger === trigger);

/** Cells in words. */
const wordsOf = (handling: Handling): string => {
  switch (handling.kind) {
    case 'handled':
      return handling.actions.map((name) => `\`${name}\``).join(', ') || 'goes on';
    case 'stopped':
      return `never sees it (\`${handling.guard}\`)`;
    case 'ignored':
      return 'ignored by default';
    case 'forgotten':
      return '**forgotten**';
  }
};

/** Each message with what each role does with it, as a Markdown table. */
export const roleMessageTable = (chart: ChartModel): readonly string[] => {
  const roles = chart.root.states.map(({ key }) => key);
  const pairs = roleMessages(chart);
  return [
    `| Message | ${roles.join(' | ')} |`,
    `|---|${roles.map(() => '---|').join('')}`,
    ...messageTypes.map((type) => {
      const cells = pairs.filter(({ message }) => message === type).map(({ handling }) => wordsOf(handling));
      return `| ${type} | ${cells.join(' | ')} |`;
    }),
  ];
};

const termWords = {
  entered: 'one that its sender is in: a newer one is adopted',
  next: 'the one after its sender’s, which nobody adopts',
  nextIfGranted: 'a grant: the one asked for; a refusal: the responder’s own',
} as const;

/** What the term gate does with each message, as a Markdown table. */
export const messageTableText = (): readonly string[] => [
  '| Message | Kind | Its term | Of an older term | Fields |',
  '|---|---|---|---|---|',
  ...messageTypes.map((type) => {
    const { is, term, fields } = messageTable[type];
    const stale = is === 'request' ? 'refused with the current term' : 'dropped';
    return `| ${type} | ${is} | ${termWords[term]} | ${stale} | ${Object.keys(fields).join(', ')} |`;
  }),
];
