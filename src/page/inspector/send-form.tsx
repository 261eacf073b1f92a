import { signal } from '@preact/signals';
import type { InspectedActor } from '../../statechart/inspect/inspected-system.ts';
import type { SentEvent } from '../../statechart/inspect/news.ts';
import { statesNamedBy, transitionsOf } from '../../statechart/read/model.ts';
import { programOf, showLive } from '../state/inspected.ts';
import { charts } from '../state/place.ts';

const type = signal('');
const payload = signal('');
const answer = signal<{ readonly text: string; readonly isProblem: boolean } | null>(null);

/** Sends an event to the chosen actor, if its program takes any. */
export const SendForm = ({ actor }: { readonly actor: InspectedActor }) => {
  const reason = reasonAgainst(actor);
  const { taken, known } = typesOf(actor);
  const isOff = reason !== null;
  return (
    <form
      class="send"
      aria-label="Send an event"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isOff) void send(actor);
      }}
    >
      <h3>Send an event</h3>
      {isOff && <p class="faint">{reason}</p>}
      {!isOff && taken.length > 0 && (
        <p class="taken-here">
          {taken.map((each) => (
            <button
              key={each}
              type="button"
              onClick={() => {
                type.value = each;
              }}
            >
              {each}
            </button>
          ))}
        </p>
      )}
      <label>
        <span>type</span>
        <input
          list="event-types"
          autocomplete="off"
          spellcheck={false}
          disabled={isOff}
          value={type}
          onInput={(event) => {
            type.value = event.currentTarget.value;
          }}
        />
        <datalist id="event-types">
          {known.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      </label>
      <label>
        <span>payload</span>
        <textarea
          rows={2}
          spellcheck={false}
          placeholder='{ "amount": 3 }'
          disabled={isOff}
          value={payload}
          onInput={(event) => {
            payload.value = event.currentTarget.value;
          }}
        />
      </label>
      <div class="send-line">
        <button type="submit" disabled={isOff}>
          Send
        </button>
        <output class={answer.value?.isProblem ? 'is-problem' : ''}>{answer.value?.text}</output>
      </div>
    </form>
  );
};

const reasonAgainst = (actor: InspectedActor): string | null => {
  const program = programOf(actor);
  if (program === null || !program.isConnected) return 'Its program has disconnected.';
  if (!program.takesEvents)
    return 'Its program takes no events. Connect it with createInspector from raftchart/inspect to send events.';
  return actor.status === 'active'
    ? null
    : `${endings[actor.status] ?? 'It has ended'} and takes no more events.`;
};

const endings: Readonly<Record<string, string>> = {
  done: 'It is done',
  error: 'It has failed',
  stopped: 'It has been stopped',
};

/** Types of events in an actor's chart: all that are known, and those that a state it is in has a transition for. */
const typesOf = ({ chart: name, value }: InspectedActor) => {
  const model = charts.value.find((chart) => chart.name === name)?.chart;
  if (model === undefined) return { taken: [], known: [] };
  const here = new Set([model.root, ...statesNamedBy(model.root, value)].map(({ id }) => id));
  const all = transitionsOf(model).filter(
    ({ kind, eventType }) => kind === 'event' && !eventType.includes('*'),
  );
  return {
    taken: [...new Set(all.filter(({ source }) => here.has(source)).map(({ eventType }) => eventType))],
    known: [...new Set(all.map(({ eventType }) => eventType))],
  };
};

const send = async ({ program, actor }: InspectedActor): Promise<void> => {
  const fields = fieldsIn(payload.value);
  if (type.value.trim() === '') return say('Enter the type of the event.', true);
  if (typeof fields === 'string') return say(fields, true);
  const body: SentEvent = { program, actor, event: { ...fields, type: type.value.trim() } };
  try {
    const response = await fetch('send', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = (await response.text()).trim();
    if (response.ok) showLive();
    say(
      response.ok ? `Sent ${body.event.type}.` : text || `The server answered ${response.status}.`,
      !response.ok,
    );
  } catch {
    say('The server does not answer: is raftchart view still running?', true);
  }
};

const say = (text: string, isProblem: boolean): void => {
  answer.value = { text, isProblem };
};

/** The fields of an event; what is wrong, in one line, where there are none. */
const fieldsIn = (text: string): object | string => {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
    return 'The payload must be an object such as { "amount": 3 }.';
  } catch (error) {
    return `The payload is not JSON: ${(error as Error).message}`;
  }
};
