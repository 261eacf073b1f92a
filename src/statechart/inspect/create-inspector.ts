import { attachInspector, type Inspector } from './attach-inspector.ts';
import { defaultInspectUrl, parseInspectUrl } from './inspect-url.ts';

export interface InspectorOptions {
  /** Where `raftchart view --listen` listens: `ws://localhost:8080` unless it was given another port. */
  readonly url?: string;
  /** What the program is called on the page; by default its file, or the title of its page. */
  readonly name?: string;
  /** At most so many events a second besides those that change a state; by default all are sent. */
  readonly maxEventsPerSecond?: number;
  /** Whether events may be sent to the actors from the page; they are unless this is false. */
  readonly takesEvents?: boolean;
  /** What is shown in place of a context, such as one without its secrets. */
  readonly sanitizeContext?: (context: unknown) => unknown;
  /** What is shown in place of an event. */
  readonly sanitizeEvent?: (event: { readonly type: string }) => { readonly type: string };
  /** Called with one line when the inspector comes and goes. Must not throw. */
  readonly tell?: (message: string) => void;
}

/**
 * Shows the actors of this program in `raftchart view --listen`: `createActor(machine, { inspect: createInspector().inspect })`. Works in
 * Node.js and in a browser, and costs next to nothing while no inspector is there. Throws an `Error` of one line for a `url` that is none.
 */
export const createInspector = (options: InspectorOptions = {}): Inspector => {
  const {
    url = defaultInspectUrl,
    name = programName(),
    maxEventsPerSecond = null,
    takesEvents = true,
  } = options;
  return attachInspector({ ...options, url: parseInspectUrl(url), name, maxEventsPerSecond, takesEvents });
};

/** What Node.js and browsers have of these. */
const { process, document, location } = globalThis as {
  readonly process?: { readonly argv?: readonly string[] };
  readonly document?: { readonly title: string };
  readonly location?: { readonly host: string };
};

const programName = (): string => {
  const file = process?.argv?.[1]?.split(/[\\/]/).at(-1);
  return file || document?.title || location?.host || 'program';
};
