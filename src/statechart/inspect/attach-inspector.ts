import { createInspector } from '@statelyai/inspect';
import type { InspectionEvent } from 'xstate';
import { EventSampler } from './event-sampler.ts';
import { InspectorSocket } from './inspector-socket.ts';
import { PlainEvents } from './plain-events.ts';

export interface InspectorOptions {
  /** `ws://…` or `wss://…`, as `parseInspectUrl` returns it. */
  readonly url: string;
  /** Stands before the names and the session ids of the actors, so that several programs may share one inspector. */
  readonly name: string;
  /** Events a second, besides those that change a state. */
  readonly maxEventsPerSecond?: number;
  /** Called with one line when the inspector comes and goes. Must not throw. */
  readonly tell?: (message: string) => void;
}

export interface Inspector {
  /** For `inspect` of an actor system. Never throws, never waits. */
  readonly inspect: (event: InspectionEvent) => void;
  close(): void;
}

/** A reader cannot follow more, and each event costs some 50 µs. */
const defaultEventsPerSecond = 20;
/** States nest deeper than the inspector's own limit of 10. */
const maxDepth = 24;

/**
 * Sends what an actor system does to an inspector by the protocol of `@statelyai/inspect`: all actors, changes of a state first, and a
 * sample of the rest. An inspector that is missing, slow or broken costs events, never the program: a failure in here ends the inspection.
 */
export const attachInspector = (options: InspectorOptions): Inspector => {
  const tell = options.tell ?? (() => {});
  const socket = new InspectorSocket(options.url, tell);
  const { inspect } = createInspector(socket, { serializationDepthLimit: maxDepth });
  const sampler = new EventSampler(options.maxEventsPerSecond ?? defaultEventsPerSecond);
  const plain = new PlainEvents(options.name, maxDepth);
  let isBroken = false;
  return {
    inspect: (event) => {
      if (isBroken) return;
      try {
        // From here on plain data: what the inspector does with it later, it does without the actors' own objects.
        for (const chosen of sampler.choose(event)) inspect.next?.(plain.of(chosen));
      } catch (error) {
        isBroken = true;
        socket.stop();
        tell(`inspection ends: ${(error as Error).message}`);
      }
    },
    close: () => socket.stop(),
  };
};
