import * as v from 'valibot';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const id = v.pipe(v.string(), v.regex(/^(0|[1-9]\d*)$/));
const node = v.pipe(v.string(), v.regex(/^[1-9]\d*$/));

const common = {
  nid: node,
  state: v.strictObject({ term: count, vote: id, commit: count }),
  role: v.picklist(['StateFollower', 'StateCandidate', 'StateLeader']),
  log: count,
  conf: v.strictTuple([v.array(node), v.array(node)]),
};

const msg = v.strictObject({
  type: v.picklist(['MsgVote', 'MsgVoteResp', 'MsgApp', 'MsgAppResp', 'MsgSnap']),
  term: count,
  from: node,
  to: node,
  entries: count,
  logTerm: count,
  index: count,
  commit: count,
  vote: id,
  reject: v.boolean(),
  rejectHint: count,
});

/** A line as etcd's own tracer writes it, and as its specification reads it. */
export const etcdTraceSchema = v.strictObject({
  tag: v.literal('trace'),
  event: v.variant('name', [
    v.strictObject({
      name: v.picklist([
        'InitState',
        'BecomeCandidate',
        'BecomeFollower',
        'BecomeLeader',
        'Commit',
        'Replicate',
        'Ready',
        'AdoptTerm',
      ]),
      ...common,
    }),
    v.strictObject({
      name: v.picklist([
        'SendAppendEntriesRequest',
        'ReceiveAppendEntriesRequest',
        'SendAppendEntriesResponse',
        'ReceiveAppendEntriesResponse',
        'SendRequestVoteRequest',
        'ReceiveRequestVoteRequest',
        'SendRequestVoteResponse',
        'ReceiveRequestVoteResponse',
      ]),
      ...common,
      msg,
    }),
    v.strictObject({
      name: v.literal('Persist'),
      ...common,
      prop: v.strictObject({ durable: v.strictObject({ term: count, vote: id, log: count }) }),
    }),
  ]),
});
