import { changesBetween } from '../../statechart/inspect/changes.ts';
import type { InspectedActor } from '../../statechart/inspect/inspected-system.ts';
import type { ActorSnapshot } from '../../statechart/inspect/news.ts';
import { transitionText } from '../../statechart/read/notation.ts';
import { nameOfValue } from '../../statechart/read/state-name.ts';
import { chosen, isInspecting, moment, programOf, toldOfChosen } from '../state/inspected.ts';
import { charts, select } from '../state/place.ts';
import { SendForm } from './send-form.tsx';
import { ValueTree } from './value-tree.tsx';

/** The chosen actor at the moment that is shown: its state, how it came there, what it holds, and events for it. */
export const ActorDetails = () => {
  if (!isInspecting.value || chosen.value === null) return null;
  const actor = chosen.value;
  const now = moment.value;
  return (
    <section class="actor-details" aria-label="Actor">
      <p class="where">
        {programOf(actor)?.name} · {actor.actor}
      </p>
      <h2>
        {actor.name} <code class="now">{nameOfValue(actor.value)}</code>
        {actor.status !== 'active' && <em class="mark">{actor.status}</em>}
      </h2>
      {actor.problem !== null && <p class="problem">{actor.problem}</p>}
      {now?.event && <CameBy type={now.event.type} actor={actor} />}
      {now !== null && (
        <ValueTree value={shown(now.snapshot)} changes={now.before === null ? [] : changesOf(now)} />
      )}
      <SendForm actor={actor} />
    </section>
  );
};

/** What of a snapshot is there to be read. */
const shown = ({ context, output, error }: ActorSnapshot) =>
  Object.fromEntries(Object.entries({ context, output, error }).filter(([, part]) => part !== undefined));

const changesOf = ({ before, snapshot }: NonNullable<typeof moment.value>) =>
  changesBetween(shown({ ...before }), shown({ ...snapshot }));

const CameBy = ({ type, actor }: { readonly type: string; readonly actor: InspectedActor }) => {
  const told = toldOfChosen.value;
  const owner = charts.value.find(({ name }) => name === actor.chart);
  return (
    <p class="came-by">
      after <code>{type}</code>
      {told !== null && owner !== undefined && (
        <>
          {', which took '}
          <button type="button" class="link" onClick={() => select(owner.name, told.id)}>
            {transitionText(owner.chart, told)}
          </button>
        </>
      )}
    </p>
  );
};
