import { computed, useComputed } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { FrameNode, FrameTimer } from '../../../simulate/play/frame.ts';
import { frame, head, isStepwise, selected } from '../session.ts';
import { innerStates, inWords, roleWords } from '../state-words.ts';
import { timeText } from '../time/playhead.ts';
import { Facts } from './act-button.tsx';
import { isJoint } from './membership.ts';
import { MessageList } from './message-list.tsx';
import { NodeActions } from './node-actions.tsx';
import { NodeLog } from './node-log.tsx';

/** All that is known of one node, and what can be done to it. */
export const NodeDetails = ({ node }: { readonly node: FrameNode }) => {
  const { disk, configuration } = node;
  return (
    <article class="details">
      <h2>
        {`node${node.id} `}
        <span class="faint">{roleWords(node)}</span>
      </h2>
      {node.failure !== null && <p class="problem">{node.failure}</p>}
      <NodeActions node={node} />
      <Facts
        of={[
          ['state', <code key="state">{node.isUp ? node.state : 'no process'}</code>],
          ['term', node.term],
          ['vote', node.votedFor === null ? 'none' : `node${node.votedFor}`],
          ['leader', node.leader === null ? 'unknown' : `node${node.leader}`],
          ...(node.role === 'candidate' || node.role === 'preCandidate'
            ? [['votes from', namesOf(node.votesGranted)] as const]
            : []),
          [
            'log',
            `up to ${node.log.lastIndex}${node.log.snapshotIndex > 0 ? `, a snapshot stands for ${node.log.snapshotIndex}` : ''}`,
          ],
          ['committed', node.commitIndex],
          ['applied', node.lastApplied],
          ...(node.reads > 0 ? [['reads waiting', node.reads] as const] : []),
          ...(node.clockRate === 1 ? [] : [['clock', `${node.clockRate} times as fast`] as const]),
          ...innerStates(node.state)
            .map((inner) => ['in', inWords(inner)] as const)
            .slice(0, node.isUp ? 3 : 0),
        ]}
      />
      <NodeLog node={node} />
      <h3>Disk</h3>
      <Facts
        of={[
          ['term', disk.term],
          ['vote', disk.votedFor === null ? 'none' : `node${disk.votedFor}`],
          ['log', `up to ${disk.log.lastIndex}`],
          ['writes', disk.waiting === 0 ? 'all are durable' : `${disk.waiting} not durable yet`],
          ...(disk.isSlow || disk.isFull || disk.isOther
            ? [
                [
                  'it is',
                  [disk.isSlow && 'slow', disk.isFull && 'full', disk.isOther && 'another one']
                    .filter((each) => each !== false)
                    .join(', '),
                ] as const,
              ]
            : []),
        ]}
      />
      <Timers timers={node.timers} />
      <Progress node={node} />
      {configuration !== null && (
        <>
          <h3>Members{isJoint(configuration) ? ' (joint)' : ''}</h3>
          <Facts
            of={[
              ['voters', namesOf(configuration.voters)],
              ...(isJoint(configuration) ? [['old voters', namesOf(configuration.outgoing)] as const] : []),
              ['learners', namesOf(configuration.learners)],
              ['since', configuration.index === 0 ? 'the start' : `entry ${configuration.index}`],
            ]}
          />
        </>
      )}
      <MessageList title="Waits to be durable" messages={node.outbox} />
      <Links node={node} />
    </article>
  );
};

const namesOf = (ids: readonly number[]): string => (ids.length === 0 ? 'none' : ids.join(', '));

const Timers = ({ timers }: { readonly timers: readonly FrameTimer[] }) => {
  if (timers.length === 0) return null;
  return (
    <>
      <h3>Timers</h3>
      <Facts
        of={timers.map((timer) => [inWords(timer.name), <Left key={timer.name} timer={timer} />] as const)}
      />
    </>
  );
};

const Left = ({ timer }: { readonly timer: FrameTimer }) => {
  const { expiresUs } = timer;
  const left = useMemo(
    () =>
      computed(() =>
        expiresUs === null || isStepwise.value
          ? 'expires when you say so'
          : `${timeText(Math.max(0, expiresUs - head.value.us))} left`,
      ),
    [expiresUs],
  );
  return <>{left}</>;
};

const Progress = ({ node }: { readonly node: FrameNode }) => {
  const rows = Object.entries(node.progress);
  if (rows.length === 0) return null;
  return (
    <>
      <h3>What it knows of the others</h3>
      <div class="table-box">
        <table>
          <thead>
            <tr>
              <th scope="col">node</th>
              <th scope="col">state</th>
              <th scope="col">match</th>
              <th scope="col">next</th>
              <th scope="col">unanswered</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([id, { state, matchIndex, nextIndex, inflight }]) => (
              <tr key={id}>
                <th scope="row">{id}</th>
                <td>{state}</td>
                <td>{matchIndex}</td>
                <td>{nextIndex}</td>
                <td>{inflight.length === 0 ? '–' : inflight.join(' ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
};

const Links = ({ node }: { readonly node: FrameNode }) => {
  const count = useComputed(() => frame.value.nodes.length).value;
  const ids = Array.from({ length: count }, (_, at) => at + 1);
  return (
    <>
      <h3>Links</h3>
      <p class="choices">
        {ids.flatMap((id) =>
          id === node.id
            ? []
            : [
                <button
                  key={id}
                  type="button"
                  title={`Link from node${node.id} to node${id}`}
                  onClick={() => {
                    selected.value = { type: 'link', from: node.id, to: id };
                  }}
                >
                  {`to ${id}`}
                </button>,
                <button
                  key={-id}
                  type="button"
                  title={`Link from node${id} to node${node.id}`}
                  onClick={() => {
                    selected.value = { type: 'link', from: id, to: node.id };
                  }}
                >
                  {`from ${id}`}
                </button>,
              ],
        )}
      </p>
    </>
  );
};
