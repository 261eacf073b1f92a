import { useComputed, useSignal } from '@preact/signals';
import { partitionOf } from '../directives.ts';
import { act, frame, isStepwise } from '../session.ts';
import { ActButton } from './act-button.tsx';
import { FlightList } from './message-list.tsx';
import { Rates } from './rates.tsx';

const groupNames = ['A', 'B', 'C'] as const;

/** What befalls the whole network. */
export const Network = () => {
  const isWhole = useComputed(() => frame.value.cuts.length === 0).value;
  const isQuiet = useComputed(() => frame.value.flights.length === 0).value;
  return (
    <article class="details">
      <h2>The network</h2>
      <div class="choices">
        <ActButton directive="heal" isDisabled={isWhole}>
          Heal all links
        </ActButton>
        {isStepwise.value ? (
          <ActButton directive="stabilize" isDisabled={isQuiet}>
            Deliver everything
          </ActButton>
        ) : (
          <>
            <ActButton directive="hold">Hold all messages</ActButton>
            <ActButton directive="release">Release</ActButton>
          </>
        )}
      </div>
      <Partition />
      {!isStepwise.value && <Rates />}
      <FlightList title="Messages under way" />
    </article>
  );
};

const Partition = () => {
  const groups = useSignal<readonly number[]>([]);
  const count = useComputed(() => frame.value.nodes.length).value;
  const all = Array.from({ length: count }, (_, at) => groups.value[at] ?? 0);
  const directive = partitionOf(all);
  return (
    <fieldset>
      <legend>Partition</legend>
      <div class="groups">
        {all.map((group, at) => (
          <button
            key={at}
            type="button"
            class={`group-${group}`}
            title="Puts it in the next group"
            onClick={() => {
              groups.value = all.map((each, other) => (other === at ? (each + 1) % groupNames.length : each));
            }}
          >
            <small>{`node${at + 1}`}</small> {groupNames[group]}
          </button>
        ))}
        <button
          type="button"
          disabled={directive === null}
          title={directive ?? ''}
          onClick={() => void act(directive!)}
        >
          Partition
        </button>
      </div>
    </fieldset>
  );
};
