import { useComputed, useSignal } from '@preact/signals';
import type { FrameNode } from '../../../simulate/play/frame.ts';
import { wordOf } from '../directives.ts';
import { act, frame, isStepwise, refusal } from '../session.ts';
import { inWords } from '../state-words.ts';
import { leaderOf } from '../time/marks.ts';
import { ActButton, Choices } from './act-button.tsx';
import { standingOf } from './membership.ts';

/** What can be done to a node: each is one directive of the story. */
export const NodeActions = ({ node }: { readonly node: FrameNode }) => {
  const { id, isUp, isPaused, role } = node;
  return (
    <div class="actions">
      <Choices of="Process">
        {isUp ? (
          <ActButton directive={`crash ${id}`}>Crash</ActButton>
        ) : (
          <ActButton directive={`restart ${id}`}>Restart</ActButton>
        )}
        {isUp && !isStepwise.value && (
          <ActButton directive={`${isPaused ? 'resume' : 'pause'} ${id}`}>
            {`${isPaused ? 'Resume' : 'Pause'} node${id}`}
          </ActButton>
        )}
        {isUp && <ActButton directive={`snapshot ${id}`}>Take snapshot</ActButton>}
        {isUp && role === 'leader' && <Transfer node={node} />}
        <ActButton directive={`mute ${id}`}>Mute</ActButton>
      </Choices>
      {isStepwise.value ? <HeldActions node={node} /> : <TimedActions node={node} />}
      {isUp && <Client node={node} />}
      <Membership node={node} />
    </div>
  );
};

const HeldActions = ({ node }: { readonly node: FrameNode }) => {
  const { id, disk, timers } = node;
  return (
    <Choices of="Timers and disk">
      {node.isUp &&
        (node.role === 'leader' ? (
          <ActButton directive={`heartbeat ${id}`}>Heartbeat</ActButton>
        ) : (
          <>
            <ActButton directive={`campaign ${id}`}>Campaign</ActButton>
            <ActButton directive={`elect ${id}`}>Elect</ActButton>
          </>
        ))}
      {node.isUp &&
        timers.map(({ name }) => (
          <ActButton key={name} directive={`tick ${id} ${name}`}>
            {`Expire ${inWords(name)}`}
          </ActButton>
        ))}
      {disk.isSlow ? (
        <>
          <ActButton directive={`sync ${id}`}>Sync one write</ActButton>
          <ActButton directive={`sync ${id} all`}>Sync all</ActButton>
        </>
      ) : (
        <ActButton directive={`slow-disk ${id}`}>Hold its writes</ActButton>
      )}
    </Choices>
  );
};

const rates = [0.5, 1, 1.5, 4];

const TimedActions = ({ node }: { readonly node: FrameNode }) => {
  const { id, disk, clockRate, isUp } = node;
  return (
    <>
      <Choices of="Disk">
        <ActButton directive={`slow-disk ${id} ${disk.isSlow ? '0ms' : '50ms'}`}>
          {disk.isSlow ? 'Fast disk' : 'Slow disk'}
        </ActButton>
        <ActButton directive={`full-disk ${id}${disk.isFull ? ' no' : ''}`}>
          {disk.isFull ? 'Room on disk' : 'Full disk'}
        </ActButton>
        {isUp && <ActButton directive={`fail-sync ${id}`}>Fail a sync</ActButton>}
        {disk.isOther ? (
          <ActButton directive={`restore-disk ${id}`}>Restore disk</ActButton>
        ) : (
          isUp && <ActButton directive={`lose-disk ${id}`}>Lose disk</ActButton>
        )}
      </Choices>
      <label class="field">
        Clock
        <select
          value={String(clockRate)}
          onChange={(event) => void act(`clock ${id} ${event.currentTarget.value}`)}
        >
          {[...new Set([...rates, clockRate])]
            .sort((a, b) => a - b)
            .map((rate) => (
              <option key={rate} value={String(rate)}>
                {rate === 1 ? 'right' : `${rate} times as fast`}
              </option>
            ))}
        </select>
      </label>
    </>
  );
};

const Transfer = ({ node }: { readonly node: FrameNode }) => (
  <label class="field">
    <span class="hidden">Hand the leadership over</span>
    <select
      value=""
      onChange={(event) => {
        const { value } = event.currentTarget;
        event.currentTarget.value = '';
        if (value !== '') void act(`transfer ${node.id}${value === 'any' ? '' : ` to ${value}`}`);
      }}
    >
      <option value="">Transfer to …</option>
      <option value="any">whom it chooses</option>
      {node.configuration?.voters.map(
        (id) => id !== node.id && <option key={id} value={String(id)}>{`node${id}`}</option>,
      )}
    </select>
  </label>
);

const commands = ['put', 'get', 'delete', 'cas', 'read'] as const;

/** A command for this node, leader or not. */
const Client = ({ node }: { readonly node: FrameNode }) => {
  const command = useSignal<(typeof commands)[number]>('put');
  const key = useSignal('x');
  const value = useSignal('1');
  const from = useSignal('1');
  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    const words = [
      wordOf(key.value),
      ...(command.value === 'cas' ? [wordOf(from.value)] : []),
      ...(command.value === 'put' || command.value === 'cas' ? [wordOf(value.value)] : []),
    ];
    if (words.includes(null)) {
      refusal.value =
        'keys and values are one line without quotation marks, and not empty: write another one';
      return;
    }
    const said = words.join(' ');
    void act(
      command.value === 'read' ? `read ${node.id} ${said}` : `propose ${node.id} ${command.value} ${said}`,
    );
  };
  const text = (name: string, of: typeof key) => (
    <input
      aria-label={name}
      placeholder={name}
      size={5}
      value={of.value}
      onInput={(event) => {
        of.value = event.currentTarget.value;
      }}
    />
  );
  return (
    <form class="choices client" aria-label="Client" onSubmit={send}>
      <select
        aria-label="Command"
        value={command.value}
        onChange={(event) => {
          command.value = event.currentTarget.value as (typeof commands)[number];
        }}
      >
        {commands.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      {text('key', key)}
      {command.value === 'cas' && text('old value', from)}
      {(command.value === 'put' || command.value === 'cas') && text('value', value)}
      <button type="submit">Send</button>
    </form>
  );
};

/** Changes are asked of the leader. */
const Membership = ({ node }: { readonly node: FrameNode }) => {
  const leading = useComputed(() => leaderOf(frame.value).leader);
  const configuration = useComputed(() =>
    leading.value === null ? null : (frame.value.nodes[leading.value - 1]?.configuration ?? null),
  ).value;
  const leader = leading.value;
  if (leader === null) return null;
  const standing = standingOf(configuration, node.id);
  const change = (verb: string, label: string) => (
    <ActButton directive={`change ${leader} ${verb} ${node.id}`}>{label}</ActButton>
  );
  return (
    <Choices of="Membership">
      {standing === 'none' && change('add', 'Add as learner')}
      {standing === 'learner' && change('promote', 'Promote to voter')}
      {standing === 'voter' && change('demote', 'Demote')}
      {standing !== 'none' && change('remove', 'Remove')}
    </Choices>
  );
};
