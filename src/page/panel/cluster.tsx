import type { NodeStatus } from '../../node/node.ts';
import type { ChartStatus, TakenTransition } from '../../node/taken-transitions.ts';
import { statesBelow, transitionsOf } from '../../statechart/read/model.ts';
import type { LiveNode } from '../data/live-node.ts';
import { known, nodes, sourceProblem } from '../state/cluster-nodes.ts';
import { charts, select } from '../state/place.ts';
import { ClusterLog } from './cluster-log.tsx';
import { Members } from './members.tsx';

/** The live nodes: who belongs to the cluster, who leads, where each stands, and the rule that brought it there. */
export const Cluster = () =>
  nodes.value.length === 0 ? null : (
    <section class="cluster" aria-label="Live nodes">
      {sourceProblem.value !== null && <p class="problem">{sourceProblem.value}</p>}
      <Members />
      <ul>
        {nodes.value.map((node) => (
          <NodeCard key={node.endpoint} node={node} />
        ))}
      </ul>
      <ClusterLog />
    </section>
  );

const NodeCard = ({ node }: { readonly node: LiveNode }) => {
  if (!node.isReachable) return <AbsentCard {...node} />;
  const { id, role, standing, term, commitIndex } = node.status;
  const raft = node.charts.find(({ actor }) => actor === 'raft');
  return (
    <li class={`node is-${role}`} data-node={id} data-role={role}>
      <p>
        <span class="badge-text">{id}</span> <b>node{id}</b>
        <span class="role">{role}</span>
        {standing !== 'voter' && <em class="standing">{standingText[standing]}</em>}
        <span class="numbers">
          term {term} · committed {commitIndex}
        </span>
      </p>
      {raft && <Moves raft={raft} />}
    </li>
  );
};

/** It keeps its name, and what it was when it last answered. */
const AbsentCard = ({ endpoint, reason }: Extract<LiveNode, { readonly isReachable: false }>) => {
  const last = known.value.get(endpoint)?.status ?? null;
  const address = endpoint.replace(/^https?:\/\//, '');
  return (
    <li class="node is-down" {...(last === null ? {} : { 'data-node': last.id })}>
      <p>
        <span class="badge-text">{last?.id ?? '–'}</span> <b>{last === null ? address : `node${last.id}`}</b>
        <span class="role">does not answer</span>
        {last !== null && (
          <span class="numbers">
            was {last.role} · term {last.term} · committed {last.commitIndex}
          </span>
        )}
      </p>
      <p class="faint">{last === null ? reason : `${address}: ${reason}`}</p>
    </li>
  );
};

/** What a node is that has no vote, or not for long. */
const standingText: Readonly<Record<NodeStatus['standing'], string>> = {
  voter: 'voter',
  learner: 'learner',
  leaving: 'voter until the change is complete',
  waiting: 'waits to be added',
  removed: 'removed',
};

const Moves = ({ raft }: { readonly raft: ChartStatus }) => (
  <dl>
    {raft.moved !== null && (
      <div>
        <dt>role by</dt>
        <dd>
          <Taken transition={raft.moved} />
        </dd>
      </div>
    )}
    {raft.last !== null && (
      <div>
        <dt>last</dt>
        <dd>
          <Taken transition={raft.last} />
        </dd>
      </div>
    )}
  </dl>
);

const Taken = ({ transition }: { readonly transition: TakenTransition }) => {
  const owner = charts.value.find(({ chart }) =>
    statesBelow(chart.root).some(({ id }) => id === transition.source),
  );
  const model =
    owner &&
    transitionsOf(owner.chart).find(
      ({ source, eventType, branch }) =>
        source === transition.source && eventType === transition.event && branch === transition.branch,
    );
  if (owner === undefined || model === undefined) return <>{transition.description}</>;
  return (
    <button
      type="button"
      class="link"
      title={transition.rule ?? ''}
      onClick={() => select(owner.name, model.id)}
    >
      {transition.description ?? model.trigger}
    </button>
  );
};
