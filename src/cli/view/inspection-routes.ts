import type { IncomingMessage } from 'node:http';
import type { InspectionLog } from '../../statechart/inspect/inspection-log.ts';
import type { SentEvent } from '../../statechart/inspect/news.ts';
import { isEvent } from '../../statechart/inspect/protocol.ts';
import { startsOrStops } from '../../statechart/read/xstate-internals.ts';
import { startEvents } from './event-stream.ts';
import type { ProgramSockets } from './program-sockets.ts';
import type { Route } from './serve-page.ts';

/** A page that falls this far behind is told more when it has read. */
const maxWaitingBytes = 256 * 1024;
const newsAtOnce = 100;
const maxBodyBytes = 1024 * 1024;

/**
 * Tells the page the news, as server-sent events. Their ids are `<run>-<number>`: a page that comes with one of another run, or with none, or
 * has missed what is no longer there, is told all, after an event `start`: it then forgets what it has, and learns where programs connect, once
 * `urlNow` knows. A page that reads so slowly that news is gone before its turn is told how many, by an event `skipped`.
 */
export const newsRoute =
  (log: InspectionLog, run: string, urlNow: () => string | null = () => null): Route =>
  (request, response) => {
    const { 'last-event-id': last = '' } = request.headers;
    const [, lastRun, lastNumber] = /^(\w+)-(\d{1,15})$/.exec(String(last)) ?? [];
    const isResumed =
      lastRun === run && Number(lastNumber) <= log.newest && log.isWholeAfter(Number(lastNumber));
    let sent = isResumed ? Number(lastNumber) : 0;
    /** What is missing up to here was gone when the page came. */
    const newestThen = log.newest;
    let isAwaited = false;
    startEvents(response);
    if (!isResumed) response.write(`event: start\ndata: ${JSON.stringify({ url: urlNow() })}\n\n`);
    const tell = (): void => {
      isAwaited = false;
      while (response.writableLength < maxWaitingBytes && !response.destroyed) {
        const news = log.after(sent, newsAtOnce);
        if (news.length === 0) return;
        let frames = '';
        for (const { number, text } of news) {
          if (frames.length >= maxWaitingBytes) break;
          const skipped = number - 1 - Math.max(sent, newestThen);
          if (skipped > 0) frames += `event: skipped\ndata: ${JSON.stringify({ count: skipped })}\n\n`;
          frames += `id: ${run}-${number}\ndata: ${text}\n\n`;
          sent = number;
        }
        response.write(frames);
      }
    };
    const stop = log.follow(() => {
      if (isAwaited) return;
      isAwaited = true;
      setImmediate(tell);
    });
    response.on('drain', tell);
    response.once('close', stop);
    tell();
  };

/** Takes an event for an actor, as JSON, and hands it to the actor's program. */
export const sendRoute =
  (log: InspectionLog, sockets: ProgramSockets): Route =>
  async (request, response) => {
    const answer = (status: number, text: string): void => {
      response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
    };
    const { origin, host, 'content-type': type = '' } = request.headers;
    if (request.method !== 'POST') return answer(405, 'an event is sent by POST');
    if (origin !== undefined && origin !== `http://${host}`)
      return answer(403, 'only the page itself sends events');
    if (!/^application\/json\b/.test(type)) return answer(415, 'expected application/json');
    // Whoever has hung up meanwhile waits for no answer.
    const text = await bodyOf(request).catch(() => undefined);
    if (text === undefined) return;
    if (text === null) return answer(413, `an event has at most ${maxBodyBytes} bytes`);
    const sent = readSent(text);
    if (sent === null) return answer(400, 'expected { program, actor, event: { type, … } }');
    if (startsOrStops(sent.event.type))
      return answer(400, `${sent.event.type} starts or stops an actor, and is left to its program`);
    const fault = log.sendingFault(sent);
    if (fault !== null) return answer(fault.isUnknown ? 404 : 409, fault.problem);
    if (!sockets.send(sent)) return answer(409, `${log.nameOf(sent.program)} does not read what it is sent`);
    answer(202, 'sent');
  };

/** Null for too much. */
const bodyOf = async (request: IncomingMessage): Promise<string | null> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBodyBytes) chunks.push(chunk);
  }
  return size > maxBodyBytes ? null : Buffer.concat(chunks).toString();
};

const readSent = (text: string): SentEvent | null => {
  try {
    const { program, actor, event } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const isSent = Number.isSafeInteger(program) && typeof actor === 'string' && isEvent(event);
    return isSent ? { program: program as number, actor, event } : null;
  } catch {
    return null;
  }
};
