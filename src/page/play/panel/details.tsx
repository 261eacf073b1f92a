import { useComputed, useSignal } from '@preact/signals';
import type { NodeId } from '../../../raft/types.ts';
import type { Flight } from '../../../simulate/under-way.ts';
import { selectionOf } from '../directives.ts';
import { fieldsOf } from '../ring/message-look.ts';
import { frame, head, isStepwise, selected } from '../session.ts';
import { timeText } from '../time/playhead.ts';
import { ActButton, Facts } from './act-button.tsx';
import { FlightList } from './message-list.tsx';
import { NodeDetails } from './node-details.tsx';

/** What is chosen in the ring, and what can be done to it. */
export const Details = () => {
  const shown = selected.value;
  // Of the frame no more than what is shown: the rest changes many times a second.
  const node = useComputed(() =>
    selected.value?.type === 'node' ? frame.value.nodes[selected.value.node - 1] : undefined,
  ).value;
  const flight = useComputed(() => {
    const chosen = selected.value;
    return chosen?.type === 'message'
      ? frame.value.flights.find(({ number }) => number === chosen.number)
      : undefined;
  }).value;
  if (node !== undefined) return <NodeDetails node={node} />;
  if (shown?.type === 'link') return <LinkDetails from={shown.from} to={shown.to} />;
  if (shown?.type === 'message') {
    return flight === undefined ? (
      <p class="faint">
        This message is not under way at this moment: it has arrived, was lost, or has not been sent.
      </p>
    ) : (
      <MessageDetails flight={flight} />
    );
  }
  return <ClusterDetails />;
};

const ClusterDetails = () => {
  const count = useComputed(() => frame.value.nodes.length).value;
  return (
    <article class="details">
      <h2>The cluster</h2>
      <p>Choose a node, a link or a message in the picture to look into it and to break it.</p>
      <p class="choices">
        {Array.from({ length: count }, (_, at) => at + 1).map((id) => (
          <button
            key={id}
            type="button"
            onClick={() => {
              selected.value = { type: 'node', node: id };
            }}
          >
            {`node${id}`}
          </button>
        ))}
      </p>
      <FlightList title="Messages under way" />
      <Keys />
    </article>
  );
};

const keys = [
  ['Space', 'run, pause'],
  [', .', 'back and on by one event'],
  ['m t', 'on to the next message, transition'],
  ['Home End', 'to the start, to the end'],
  ['← →', 'from node to node, or along the timeline'],
  ['x', 'cut links: draw across them, or choose two nodes'],
  ['Esc', 'give up a cut; choose nothing'],
] as const;

const Keys = () => (
  <>
    <h3>Keys</h3>
    <dl class="keys">
      {keys.map(([pressed, does]) => (
        <div key={pressed}>
          <dt>
            {pressed.split(' ').map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  </>
);

const LinkDetails = ({ from, to }: { readonly from: NodeId; readonly to: NodeId }) => {
  const slow = useSignal(50);
  const cuts = useComputed(() => frame.value.cuts).value;
  const isCut = cuts.some(([a, b]) => a === from && b === to);
  const isCutBack = cuts.some(([a, b]) => a === to && b === from);
  return (
    <article class="details">
      <h2>
        {`node${from} → node${to} `}
        <span class="faint">{isCut ? 'cut' : 'link'}</span>
      </h2>
      <div class="actions">
        <div class="choices">
          <ActButton directive={`${isCut ? 'mend' : 'cut'} ${from} to ${to}`}>
            {isCut ? 'Mend' : 'Cut'}
          </ActButton>
          <ActButton directive={`${isCutBack ? 'mend' : 'cut'} ${to} to ${from}`}>
            {`${isCutBack ? 'Mend' : 'Cut'} the way back`}
          </ActButton>
          {isStepwise.value ? (
            <ActButton directive={`deliver from ${from} to ${to}`}>Deliver all</ActButton>
          ) : (
            <ActButton directive={`hold from ${from} to ${to}`}>Hold what is sent</ActButton>
          )}
        </div>
        {!isStepwise.value && (
          <div class="choices">
            <label class="field">
              Slower by
              <input
                type="range"
                min={0}
                max={300}
                step={10}
                value={slow.value}
                onInput={(event) => {
                  slow.value = event.currentTarget.valueAsNumber;
                }}
              />
              <output>{`${slow.value} ms`}</output>
            </label>
            <ActButton directive={`slow-link ${from} to ${to} ${slow.value}ms`}>Set</ActButton>
          </div>
        )}
      </div>
      <FlightList title="On the way" fits={({ message }) => message.from === from && message.to === to} />
    </article>
  );
};

const MessageDetails = ({ flight }: { readonly flight: Flight }) => {
  const { message, arrivesUs, sentUs } = flight;
  const which = selectionOf(flight, frame.value.flights);
  return (
    <article class="details">
      <h2>
        {`${message.type} `}
        <span class="faint">{`node${message.from} → node${message.to}`}</span>
      </h2>
      <div class="actions">
        <div class="choices">
          <ActButton directive={`drop ${which}`}>Drop</ActButton>
          <ActButton directive={`deliver ${which}`}>Deliver now</ActButton>
          <ActButton directive={`repeat ${which}`}>Deliver a copy</ActButton>
          {!isStepwise.value && (
            <>
              <ActButton directive={`delay 50ms ${which}`}>Delay by 50 ms</ActButton>
              <ActButton directive={`catch ${which}`} isDisabled={arrivesUs === null}>
                Catch
              </ActButton>
            </>
          )}
        </div>
      </div>
      <Facts
        of={[
          ...fieldsOf(message),
          ...(isStepwise.value
            ? []
            : [
                ['sent', `${timeText(Math.max(0, head.value.us - sentUs))} ago`] as const,
                [
                  'arrives',
                  arrivesUs === null
                    ? 'when you say so'
                    : `in ${timeText(Math.max(0, arrivesUs - head.value.us))}`,
                ] as const,
              ]),
        ]}
      />
    </article>
  );
};
