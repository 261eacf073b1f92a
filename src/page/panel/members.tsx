import type { ConfigurationStatus, NodeStatus } from '../../node/node.ts';
import { nodes } from '../state/cluster-nodes.ts';

/** Who belongs to the live cluster, as its leader knows; while none is known, as the latest configuration has it that any node knows. */
export const Members = () => {
  const known = nodes.value.flatMap((node) => (node.isReachable ? [node.status] : []));
  const [best] = known.toSorted(
    (a, b) => knowledge(b) - knowledge(a) || b.term - a.term || latest(b) - latest(a),
  );
  return best === undefined ? null : (
    <p class="members">
      {partsOf(best.configuration).map(([name, ids]) => (
        <span key={name} class="part">
          <span class="faint">{name}</span> {ids.join(', ')}
        </span>
      ))}
      {!best.configuration.isCommitted && <em class="faint">not committed yet</em>}
    </p>
  );
};

const knowledge = ({ role }: NodeStatus): number => (role === 'leader' ? 1 : 0);
const latest = ({ configuration }: NodeStatus): number => configuration.index;

/** While a change is under way, both majorities decide. */
const partsOf = ({ voters, outgoing, learners }: ConfigurationStatus) => {
  const isJoint = outgoing.length > 0;
  const parts: readonly (readonly [string, readonly number[]])[] = [
    ['old voters', outgoing],
    [isJoint ? 'and new voters' : 'voters', voters],
    ['learners', learners],
  ];
  return parts.filter(([, ids]) => ids.length > 0);
};
