import type { IncomingMessage } from 'node:http';
import { eventsIn } from '../../store/client/event-stream.ts';
import { exitCodes } from '../exit-codes.ts';
import { type KvOptions, sessionOf } from './list-keys.ts';
import { type Parameters, watchOperation } from './operations.ts';
import { failure, jsonLine, printed, type Report, reportEnd } from './report.ts';
import { jsonObject, runSession } from './session.ts';
import { pairFields, pairLine, type ToldPair } from './told-pairs.ts';
import { waited } from './waited.ts';

export interface WatchOptions extends KvOptions {
  /** Aborted: nobody watches any more. */
  readonly signal: AbortSignal;
}

/** Three of the heartbeats that a node sends. */
const silenceMs = 15_000;
/** Before a node is asked again after a watch that ended at once. */
const pauseMs = 100;

/**
 * Prints what happens to keys until `signal` is aborted. When a node is lost it goes on with the next one, behind the revision that it has printed last: each change is
 * printed once. Gives up as other commands do where no node answers in time.
 */
export const watchKeys = async (
  parameters: Parameters,
  options: WatchOptions,
  print: (report: Report) => void,
): Promise<void> => {
  const { signal, timeoutMs, isTargeted } = options;
  let { endpoints } = options;
  const place: Place = { told: null };
  const told = () => place.told;
  while (!signal.aborted) {
    const found: IncomingMessage[] = [];
    const last = told();
    const end = await runSession(watchOperation(parameters), {
      ...sessionOf({ ...options, endpoints }),
      headers: last === null ? {} : { 'last-event-id': last },
      signal,
      takes: (incoming) => void found.push(incoming),
    });
    const [stream, ...others] = found;
    for (const other of others) other.destroy();
    if (stream === undefined || end.state !== 'succeeded') {
      stream?.destroy();
      if (!signal.aborted) print(reportEnd(end, true, timeoutMs, () => notAStream));
      return;
    }
    const over = await follow(stream, place, options, print);
    if (over !== null) return print(over);
    if (!isTargeted) endpoints = [...endpoints.slice(1), endpoints[0]!];
    await waited(pauseMs, signal);
  }
};

interface Place {
  /** All up to this revision is printed. */
  told: string | null;
}

const notAStream = failure(exitCodes.failure, {
  error: 'unexpected_answer',
  message: 'the node has answered something else than a stream of events; is this the client port?',
});

/** Prints what arrives; resolves when that has ended. Not null: there is no going on. */
const follow = async (
  stream: IncomingMessage,
  place: Place,
  { signal, asJson }: WatchOptions,
  print: (report: Report) => void,
): Promise<Report | null> => {
  if (stream.headers['content-type'] !== 'text/event-stream') {
    stream.destroy();
    return notAStream;
  }
  const cut = (): void => void stream.destroy();
  signal.addEventListener('abort', cut);
  stream.setTimeout(silenceMs, cut);
  /** Of a revision that is not told to its end: if the connection breaks, they come again. */
  let held = '';
  try {
    for await (const { type, data, id } of eventsIn(stream)) {
      const told = jsonObject(data);
      // Another connection would be told the same.
      if (told === null) return notAStream;
      if (type === 'compacted') return compacted(told);
      if (type === 'put' || type === 'delete') held += eventLine(type, told, asJson);
      if (id === null) continue;
      place.told = id;
      if (held !== '') print(printed(held));
      held = '';
    }
  } catch {
    // The connection broke: another one goes on.
  } finally {
    signal.removeEventListener('abort', cut);
  }
  return null;
};

const compacted = ({ oldest }: Fields): Report =>
  failure(exitCodes.failure, {
    error: 'compacted',
    message: `what comes next is forgotten: begin at revision ${oldest}`,
    oldest,
  });

const eventLine = (type: 'put' | 'delete', fields: Fields, asJson: boolean): string => {
  const { revision, prev, ...pair } = fields as Partial<ToldEvent>;
  if (!asJson) return `${type}\t${pairLine(pair)}\n`;
  const previous = prev === undefined ? {} : { prev: prev === null ? null : pairFields(prev) };
  return jsonLine({ type, revision, ...pairFields(pair), ...previous });
};

type Fields = Readonly<Record<string, unknown>>;

interface ToldEvent extends ToldPair {
  readonly revision: number;
  readonly prev?: ToldPair | null;
}
