import { wrapped } from '../../trace/transcript.ts';
import type { ExploreFigures, ExploreOptions } from '../../verify/explore/cluster-event.ts';
import { properties } from '../../verify/properties/check-step.ts';

/** How an exploration ended, as a person reads it. */
export type Ending =
  | { readonly outcome: 'exhausted' | 'violation' | 'stuck' }
  /** It was stopped, and why. */
  | { readonly outcome: 'limit'; readonly reason: string };

/** Then the number of messages under way does not matter: src/verify/explore/ever-sent. */
const keepsAll = ({ loss, duplicates }: ExploreOptions): boolean => loss && duplicates;

/** `3 nodes, terms up to 2, …`: the bounds. */
export const optionsText = (options: ExploreOptions): string => {
  const { nodes, spares, maxTerm, maxLog, messages, loss, duplicates, disk } = options;
  const { crashes, transfers, reads, snapshots, reconfigurations } = options;
  return [
    plural(nodes, 'node'),
    ...(spares > 0 ? [plural(spares, 'spare')] : []),
    `terms up to ${maxTerm}`,
    `logs up to ${plural(maxLog, 'entry', 'entries')}`,
    `${keepsAll(options) ? 'any number of messages' : plural(messages, 'message')} under way`,
    ...(loss ? ['messages are lost'] : []),
    ...(duplicates ? ['messages arrive again'] : []),
    ...(crashes > 0 ? [plural(crashes, 'crash', 'crashes')] : []),
    ...(transfers > 0 ? [plural(transfers, 'leadership transfer')] : []),
    ...(reads > 0 ? [plural(reads, 'read')] : []),
    ...(snapshots > 0 ? [plural(snapshots, 'snapshot')] : []),
    ...(reconfigurations > 0
      ? [plural(reconfigurations, 'change of the members', 'changes of the members')]
      : []),
    disk === 'prompt' ? 'writes durable at once' : 'writes durable at any later time',
  ].join(', ');
};

/** The flags of `raftchart explore` that say the same. */
export const optionsFlags = (options: ExploreOptions): string => {
  const { nodes, spares, maxTerm, maxLog, messages, loss, duplicates, disk } = options;
  const { crashes, transfers, reads, snapshots, reconfigurations } = options;
  return [
    `--nodes ${nodes}${spares > 0 ? ` --spares ${spares}` : ''} --max-term ${maxTerm} --max-log ${maxLog}`,
    ...(keepsAll(options) ? [] : [`--messages ${messages}`]),
    ...(loss ? ['--loss'] : []),
    ...(duplicates ? ['--duplicates'] : []),
    ...(crashes > 0 ? [`--crashes ${crashes}`] : []),
    ...(transfers > 0 ? [`--transfers ${transfers}`] : []),
    ...(reads > 0 ? [`--reads ${reads}`] : []),
    ...(snapshots > 0 ? [`--snapshots ${snapshots}`] : []),
    ...(reconfigurations > 0 ? [`--reconfigurations ${reconfigurations}`] : []),
    ...(disk === 'slow' ? ['--slow-disk'] : []),
  ].join(' ');
};

/** The first line: whether the space was exhausted. */
const verdict = (ending: Ending): string => {
  switch (ending.outcome) {
    case 'exhausted':
      return 'exhausted: every state within the bounds was visited, and everything holds';
    case 'limit':
      return `NOT exhausted: ${ending.reason}; everything visited holds`;
    case 'violation':
      return 'VIOLATED: a property does not hold';
    case 'stuck':
      return 'STUCK: some state has no way to a leader';
  }
};

/** The result of an exploration, the verdict first. */
export const figuresText = (
  options: ExploreOptions,
  ending: Ending,
  figures: ExploreFigures,
): readonly string[] => {
  const { states, edges, depth, cut, dropped, localStates, localSteps, bytes, seconds } = figures;
  const rate = seconds > 0 ? `${count(Math.round(states / seconds))} states/s` : '';
  return [
    verdict(ending),
    optionsText(options),
    row('states', `${count(states)} (nodes that differ only in name count once)`),
    ...(keepsAll(options)
      ? [row('', 'each stands for all that have fewer messages but are otherwise the same')]
      : []),
    row('edges', count(edges)),
    ...(depth === null ? [] : [row('depth', `${depth} steps`)]),
    row('time', `${seconds.toFixed(1)} s, ${rate}`),
    row('memory', `${megabytes(bytes)}, ${Math.round(bytes / Math.max(1, states))} bytes a state`),
    row(
      'one node',
      `${plural(localStates, 'state')}, ${plural(localSteps, 'step')} of the chart, each taken once`,
    ),
    row(
      'cut',
      cut === 0
        ? 'nothing: no bound was reached'
        : `${plural(cut, 'state')} not expanded: they need one more ${options.reads > 0 ? 'term, entry or round' : 'term or entry'}`,
    ),
    ...(keepsAll(options) ? [] : [row('full bag', fullBagText(dropped, options))]),
    ...rows('properties', Object.keys(properties).map(words).join(', ')),
    row('stuck', stuckText(ending, options)),
  ];
};

/** One line while it runs. */
export const progressText = (figures: ExploreFigures & { readonly frontier: number }): string => {
  const { states, edges, depth, bytes, seconds, frontier } = figures;
  const rate = seconds > 0 ? Math.round(states / seconds) : 0;
  const deep = depth === null ? '' : `depth ${depth}, `;
  return `${count(states)} states, ${count(edges)} edges, ${deep}frontier ${count(frontier)}, ${count(rate)} states/s, ${megabytes(bytes)}, ${seconds.toFixed(0)} s`;
};

const fullBagText = (dropped: number, { messages }: ExploreOptions): string =>
  dropped === 0 ? 'never' : `lost ${plural(dropped, 'message')}: ${plural(messages, 'other')} under way`;

const stuckText = ({ outcome }: Ending, options: ExploreOptions): string => {
  switch (outcome) {
    case 'exhausted':
      return `no state: from each${keepsAll(options) ? ', its messages lost' : ''}, a leader or a bound can be reached`;
    case 'stuck':
      return 'a state from which no leader and no bound is ever reached, whatever happens: see below';
    default:
      return 'not checked: that needs the whole space';
  }
};

const row = (name: string, text: string): string => `  ${name.padEnd(12)}${text}`;

const rows = (name: string, text: string): readonly string[] =>
  wrapped(text, 86).map((line, at) => row(at === 0 ? name : '', line));

const count = (value: number): string => value.toLocaleString('en-US');

const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

/** `election safety` of `electionSafety`. */
const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
