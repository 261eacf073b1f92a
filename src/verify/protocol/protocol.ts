import type { Links } from '../../statechart/draw/state-box.ts';
import {
  type ActionModel,
  type ChartModel,
  type StateModel,
  statesBelow,
  type TransitionModel,
  transitionsOf,
} from '../../statechart/read/model.ts';
import { guardText, stateText, targetText, triggerText, typeText } from '../../statechart/read/notation.ts';
import type { NamedTest, TestIndex } from '../../statechart/read/test-index.ts';
import { bugsPreventedBy } from './history.ts';
import { messageTableText, roleMessageTable } from './role-messages.ts';

/** A chart with what is needed to write about it. */
export interface ProtocolChart {
  readonly title: string;
  readonly path: string;
  readonly chart: ChartModel;
  /** As seen from the document. */
  readonly links: Links;
  readonly picture: string;
  /** Where a state or a branch, by its id, can be looked at in the live chart; null for nowhere. */
  readonly liveAt: ((id: string) => string) | null;
}

/** The whole protocol as a reviewer reads it: chart by chart, state by state, each branch in the order in which it is tried. */
export const protocolDocument = (
  charts: readonly ProtocolChart[],
  tests: TestIndex,
  testLink: (test: NamedTest) => string,
): string => {
  const sections = charts.flatMap((each) => chartSection(each, tests, testLink));
  return `${[
    '# The protocol',
    '',
    'Generated from the charts in `machines/` by `npm run fix`. A branch is written _event_ [_guard_] / _actions_ → _target_; branches of one',
    'event are tried from the top, states inside before those around them. Names link to the lines that define them; below a',
    'branch stand the tests that speak of its guard or its actions, and the bugs of real systems that it rules out.',
    '',
    ...charts.map(({ title, chart }) => `- [${title}](#${anchor(title)}): ${count(chart)}`),
    '- [Messages and roles](#messages-and-roles)',
    '- [Tests by section](#tests-by-section)',
    '',
    ...sections,
    ...messageSection(charts[0]!.chart),
    ...testsBySection(charts, tests, testLink),
  ]
    .join('\n')
    .trimEnd()}\n`;
};

const messageSection = (roleChart: ChartModel): readonly string[] => [
  '## Messages and roles',
  '',
  'Every message, as the term gate sees it (`src/raft/message-table.ts`).',
  '',
  ...messageTableText(),
  '',
  'What each role does with a message of the current term: the actions of its branches, or why it has none. What means nothing to a',
  'role is ignored by default, at the root of the chart; what defends a rule is a branch of the role.',
  '',
  ...roleMessageTable(roleChart),
  '',
];

const anchor = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replace(/ /g, '-');

const count = (chart: ChartModel): string => {
  const guards = chart.guards.length;
  return `${statesBelow(chart.root).length - 1} states, ${transitionsOf(chart).length} branches, ${guards} ${guards === 1 ? 'guard' : 'guards'}`;
};

type TestLink = (test: NamedTest) => string;

const chartSection = (each: ProtocolChart, tests: TestIndex, testLink: TestLink): readonly string[] => [
  `## ${each.title}`,
  '',
  `\`${each.path}\``,
  '',
  each.picture,
  '',
  ...statesBelow(each.chart.root).flatMap((state) => stateSection(each, state, tests, testLink)),
];

const stateSection = (
  each: ProtocolChart,
  state: StateModel,
  tests: TestIndex,
  testLink: TestLink,
): readonly string[] => {
  const { chart, links, liveAt } = each;
  const name = state.id === chart.root.id ? `Any state of ${state.key}` : stateText(chart, state.id);
  const kind = typeText(state) === '' ? '' : ` (${typeText(state)})`;
  const doing = (word: string, actions: readonly ActionModel[]) =>
    actions.length === 0 ? [] : [`${word}: ${actionText(actions, links)}.`];
  const about = [
    state.description ?? '',
    state.rule === null ? '' : `_${state.rule}._`,
    ...doing('On entry', state.entry),
    ...doing('On exit', state.exit),
    ...state.invokes.map(({ source }) => `Invokes \`${source}\`.`),
    state.type === 'compound' && state.id !== chart.root.id
      ? `Starts in ${state.initial.map((id) => `\`${stateText(chart, id)}\``).join(', ')}.`
      : '',
    liveLink(liveAt, state.id),
  ].filter((part) => part !== '');
  return [
    `### ${name}${kind}`,
    '',
    ...(about.length === 0 ? [] : [about.join(' '), '']),
    ...triggers(state).flatMap((branches) => triggerSection(each, branches, tests, testLink)),
  ];
};

const triggers = (state: StateModel): readonly (readonly TransitionModel[])[] => [
  ...Map.groupBy(state.transitions, ({ kind, trigger }) => `${kind} ${trigger}`).values(),
];

const triggerSection = (
  { chart, links, liveAt }: ProtocolChart,
  branches: readonly TransitionModel[],
  tests: TestIndex,
  testLink: TestLink,
): readonly string[] => {
  const lines = branches.flatMap((transition, at) => {
    const guard = transition.guard === null ? guardText(transition) : `[${linked(transition.guard, links)}]`;
    const target = targetText(chart, transition);
    const parts = [
      guard,
      transition.actions.length === 0 ? '' : `/ ${actionText(transition.actions, links)}`,
      target === '' ? '' : `**${target}**`,
    ].filter((part) => part !== '');
    const rule = transition.rule === null ? '' : ` _${transition.rule}._`;
    const live = liveLink(liveAt, transition.id);
    const number = `${at + 1}.`;
    return [
      `${number} ${parts.join(' ')}  `,
      `${' '.repeat(number.length + 1)}${transition.description ?? ''}${rule}${live === '' ? '' : ` ${live}`}`,
      ...notes(transition, tests, testLink).map((line) => `${' '.repeat(number.length + 1)}${line}`),
    ];
  });
  return [`**${triggerText(branches[0]!)}**`, '', ...lines, ''];
};

const liveLink = (liveAt: ProtocolChart['liveAt'], id: string): string =>
  liveAt === null ? '' : `<a class="to-chart" href="${liveAt(id)}" target="_self">in the chart</a>`;

const maxTests = 4;

/** Tests and history of a branch: by its guard if it has one, since that tells it apart; else by its actions. */
const notes = (transition: TransitionModel, tests: TestIndex, testLink: TestLink): readonly string[] => {
  const actions = transition.actions.map(({ name }) => name).filter((name) => name !== 'ignore');
  const own = transition.guard === null ? actions : [transition.guard, ...actions];
  const named = unique(own.flatMap((name) => tests.mentioning(name)));
  // A rule that no test calls by its name is walked through the chart: by tests of its section that send its event.
  const walking =
    named.length > 0
      ? named
      : unique(sectionsOf(transition).flatMap((section) => tests.citing(section, transition.trigger)));
  const shown = walking.slice(0, maxTests).map(testLink);
  const more = walking.length > maxTests ? `; and ${walking.length - maxTests} more` : '';
  return [
    ...(shown.length === 0 ? [] : [`- Tests: ${shown.join('; ')}${more}.`]),
    ...unique(own.flatMap(bugsPreventedBy)).map((bug) => `- Prevents: ${bug}`),
  ];
};

const sectionsOf = ({ rule }: TransitionModel): readonly string[] => rule?.match(/§\d+(?:\.\d+)*/g) ?? [];

const testsBySection = (
  charts: readonly ProtocolChart[],
  tests: TestIndex,
  testLink: TestLink,
): readonly string[] => {
  const sections = unique(charts.flatMap(({ chart }) => transitionsOf(chart).flatMap(sectionsOf))).toSorted(
    (a, b) => a.localeCompare(b, 'en', { numeric: true }),
  );
  return [
    '## Tests by section',
    '',
    'Sections of the Raft paper (5 to 8) and of the thesis that the charts cite, and the tests whose names cite them.',
    '',
    ...sections.flatMap((section) => {
      const found = tests.citing(section);
      return found.length === 0 ? [] : [`- **${section}**`, ...found.map((test) => `  - ${testLink(test)}`)];
    }),
    '',
  ];
};

const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];

const linked = (name: string, links: Links): string => {
  const href = links(name);
  return href === null ? `\`${name}\`` : `[\`${name}\`](${href})`;
};

const actionText = (actions: readonly ActionModel[], links: Links): string =>
  actions.map(({ name }) => linked(name, links)).join(', ');
