import roleChart from 'virtual:role-chart';
import { signal } from '@preact/signals';
import type { FrameNode } from '../../../simulate/play/frame.ts';
import type { TakenTransition } from '../../../trace/events.ts';
import { Select } from '../../select.tsx';
import { Choices } from '../panel/act-button.tsx';
import { frame, head, isStepwise, recording, selected, version } from '../session.ts';
import { roleName, roleWords } from '../state-words.ts';
import { timeText } from '../time/playhead.ts';
import { activeStates } from './active-states.ts';
import { ChartPicture } from './chart-picture.tsx';
import { Source } from './source.tsx';

/** Whether one role is shown with all its rules, instead of all roles with the arrows between them. */
const isWhole = signal(false);
const isWide = signal(false);

/** The role chart, with where the nodes are in it and what the chosen one did last. */
export const ChartPanel = () => {
  version.value;
  const { nodes } = frame.value;
  const chosen = selected.value?.type === 'node' ? nodes[selected.value.node - 1] : undefined;
  const steps = chosen?.isUp ? recording.lastSteps(head.value.index, chosen.id) : [];
  const taken = steps.flatMap(({ transitions }) => transitions);
  const atMs = steps[0]?.atMs;
  const role = chosen?.isUp ? viewNamed(chosen.role) : undefined;
  const view = (isWhole.value ? role : undefined) ?? roleChart.views[0]!;
  return (
    <article class={`details chart${isWide.value ? ' is-wide' : ''}`}>
      <header class="chart-head">
        <h2>
          {'The role chart '}
          {chosen !== undefined && <span class="faint">{`node${chosen.id} ${roleWords(chosen)}`}</span>}
        </h2>
        <Choice isOn={isWide.value} choose={() => (isWide.value = !isWide.value)}>
          Wide
        </Choice>
      </header>
      <Choices of="What is shown of it">
        <NodeChoice nodes={nodes} chosen={chosen} />
        <Choice isOn={view !== role} choose={() => (isWhole.value = false)}>
          All roles
        </Choice>
        {role !== undefined && (
          <Choice isOn={view === role} choose={() => (isWhole.value = true)}>
            {`Rules of a ${roleName(role.name)}`}
          </Choice>
        )}
      </Choices>
      <ChartPicture
        view={view}
        isWhole={view === role}
        label={`The role chart. ${nodes.map((node) => `node${node.id}: ${node.isUp ? node.state : 'down'}`).join('; ')}`}
        marks={nodes
          .filter(({ isUp }) => isUp)
          .map(({ id, state }) => ({ label: String(id), states: activeStates(roleChart.root, state) }))}
        lit={chosen?.isUp ? activeStates(roleChart.root, chosen.state) : []}
        taken={taken.map(({ id }) => id)}
        taker={String(chosen?.id ?? '')}
      />
      {chosen !== undefined && (
        <>
          <h3>
            {`What node${chosen.id} did last `}
            {atMs !== undefined && !isStepwise.value && (
              <span class="faint">{`at ${timeText(atMs * 1000)}`}</span>
            )}
          </h3>
          {taken.length === 0 ? (
            <p class="faint">
              {chosen.isUp ? 'Its chart has followed no rule since it started.' : 'It has no process.'}
            </p>
          ) : (
            <TakenRules taken={taken} />
          )}
        </>
      )}
    </article>
  );
};

const viewNamed = (role: string) => roleChart.views.find(({ name }) => name === role);

const NodeChoice = ({
  nodes,
  chosen,
}: {
  readonly nodes: readonly FrameNode[];
  readonly chosen: FrameNode | undefined;
}) => (
  <Select
    label="Of which node"
    value={String(chosen?.id ?? '')}
    options={['', ...nodes.map(({ id }) => String(id))]}
    textOf={(id) => (id === '' ? 'all nodes' : `node${id}`)}
    choose={(id) => {
      selected.value = id === '' ? null : { type: 'node', node: Number(id) };
    }}
  />
);

const Choice = ({
  isOn,
  choose,
  children,
}: {
  readonly isOn: boolean;
  readonly choose: () => void;
  readonly children: string;
}) => (
  <button type="button" aria-pressed={isOn} onClick={choose}>
    {children}
  </button>
);

const TakenRules = ({ taken }: { readonly taken: readonly TakenTransition[] }) => (
  <ol class="taken-rules">
    {taken.map(({ id, description, rule }, at) => (
      <li key={at} data-rule={id}>
        <code>{roleChart.transitions[id] ?? id}</code>
        <p>
          {description} {rule !== null && <Source rule={rule} />}
        </p>
      </li>
    ))}
  </ol>
);
