import type { Buffer } from 'node:buffer';
import type { ChangeOutcome } from '../../node/node.ts';
import { otherDiskOf, replacementStep } from '../../node/replace-disk.ts';
import {
  type Answer,
  type Answered,
  addressTaken,
  addressUnknown,
  changeAnswer,
  notLeaderAnswer,
  refusal,
  replacementAnswer,
  stopped,
  tooManyMembers,
  unknownOutcome,
} from './answer.ts';
import type { Asking } from './asking.ts';
import type { ClientApi } from './client-api.ts';
import {
  completeChanges,
  maxMembers,
  parseMembersRequest,
  type RequestedReplacement,
  sharedAddress,
  targetIn,
  unreachableFor,
} from './members-request.ts';

/** Whose members are changed. */
type Changed = Pick<ClientApi, 'node' | 'clientEndpointOf' | 'isNodeStopped'>;

/** Changes the members as `body` says. Takes as long as there is progress: the node itself gives up a change that does not get on. Null: the answer is still to come. */
export const changeMembers = (body: Buffer, asking: Asking): Answered => {
  const requested = parseMembersRequest(body);
  if (typeof requested === 'string') return refusal(400, 'bad_request', requested);
  const { node, isNodeStopped, clientEndpointOf } = asking.api;
  if (isNodeStopped) return stopped;
  if ('type' in requested) {
    asking.waitPatiently();
    void replaceDisk(requested, asking.api).then((answer) => asking.answer(answer));
    return null;
  }
  const { leader, configuration } = node.status();
  const changes = completeChanges(requested, configuration);
  if (leader === node.id) {
    const target = typeof changes === 'string' ? null : targetIn(changes, configuration);
    const size = target === null ? 0 : target.voters.length + target.learners.length;
    if (size > maxMembers) return tooManyMembers(size, maxMembers);
    const unreachable = unreachableFor(requested, configuration);
    if (unreachable.length > 0) return addressUnknown(unreachable);
    if (typeof changes === 'string') return refusal(400, 'bad_request', changes);
    const shared = target && sharedAddress(target, configuration);
    if (shared !== null) return addressTaken(shared.node, shared.other, shared.peer);
  } else if (typeof changes === 'string') {
    // The leader may know more.
    return notLeaderAnswer(leader, clientEndpointOf);
  }
  asking.waitPatiently();
  const promoted = changes.filter(({ type }) => type === 'promote').map((change) => change.node);
  node
    .changeMembers(changes)
    .then((outcome) => asking.answer(changeAnswer(outcome, node.status(), promoted, clientEndpointOf)));
  return null;
};

/** One change after the other, each committed; another leader that is asked for the same goes on with the next. It goes on when its client leaves. */
const replaceDisk = async (
  { node: id, logId: named }: RequestedReplacement,
  changed: Changed,
): Promise<Answer> => {
  const { node, clientEndpointOf } = changed;
  const logId = named ?? otherDiskOf(node.status(), id);
  for (let isChanged = false; ; isChanged = true) {
    if (changed.isNodeStopped) return unknownOutcome;
    const status = node.status();
    if (status.role !== 'leader') return notLeaderAnswer(status.leader, clientEndpointOf);
    const step = replacementStep(status, id, logId);
    if (step.type === 'refused') return replacementAnswer(step.reason, id, status);
    if (step.type === 'done') {
      const { index } = status.configuration;
      const outcome: ChangeOutcome = isChanged
        ? { type: 'changed', index }
        : { type: 'refused', reason: 'unchanged', leader: id };
      return changeAnswer(outcome, status, [id], clientEndpointOf);
    }
    const outcome = await node.changeMembers(step.changes);
    if (outcome.type !== 'changed') return changeAnswer(outcome, node.status(), [id], clientEndpointOf);
  }
};
