import { useComputed } from '@preact/signals';
import type { Message } from '../../../raft/messages.ts';
import type { Flight } from '../../../simulate/under-way.ts';
import { frame, isRunning, selected } from '../session.ts';

export const MessageList = ({
  title,
  messages,
}: {
  readonly title: string;
  readonly messages: readonly Message[];
}) => {
  if (messages.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="messages">
        {messages.map((message, at) => (
          <li key={at}>{`${message.type} to node${message.to}`}</li>
        ))}
      </ul>
    </>
  );
};

/** Messages on the way, to be chosen: for the keyboard, and where too many fly. */
export const FlightList = ({
  title,
  fits = () => true,
}: {
  readonly title: string;
  readonly fits?: (flight: Flight) => boolean;
}) => {
  const flights = useComputed(() => frame.value.flights).value.filter(fits);
  return (
    <>
      <h3>{title}</h3>
      {flights.length === 0 ? (
        <p class="faint">None.</p>
      ) : (
        <ul class="messages">
          {flights.map(({ number, message, arrivesUs }) => (
            <li key={number}>
              <button
                type="button"
                class="link"
                onClick={() => {
                  isRunning.value = false;
                  selected.value = { type: 'message', number };
                }}
              >
                {`${message.from} → ${message.to} ${message.type}`}
              </button>
              {arrivesUs === null && <span class="wrong"> held</span>}
            </li>
          ))}
        </ul>
      )}
    </>
  );
};
