import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type BackupHeader, BackupRefused, openBackup } from '../../store/backup/backup-format.ts';
import { exitCodes } from '../exit-codes.ts';
import { leaderIn, problemIn } from './leader.ts';
import { NewFile } from './new-file.ts';
import { openStream } from './open-stream.ts';
import { backupOperation } from './operations.ts';
import { distrustOf, plainReach, type Reach } from './reach.ts';
import { answeredError, failure, jsonLine, outOfReach, printed, type Report } from './report.ts';
import { failureOf, type Reply } from './send-request.ts';
import { jsonBody } from './session.ts';
import { askStatus, denialIn } from './status.ts';

export interface BackupOptions {
  /** Base addresses such as `http://127.0.0.1:8001`. */
  readonly endpoints: readonly string[];
  /** Asks this one endpoint only. */
  readonly isTargeted: boolean;
  /** How long to try while no node works on it; one that does, and answers when it is asked for its status, is given as long as it takes. */
  readonly timeoutMs: number;
  readonly asJson: boolean;
  /** Default: for an unprotected cluster. */
  readonly reach?: Reach;
  /** Takes what the node has, even without a leader. */
  readonly isStale: boolean;
  /** Whether a file of that name is replaced. */
  readonly replaces: boolean;
  /** Aborted: nobody wants it any more. */
  readonly signal: AbortSignal;
  /** Shown how far it has come. */
  readonly progress: BackupProgress;
}

export interface BackupProgress {
  /** So many bytes of so many have arrived. */
  show(bytes: number, ofBytes: number): void;
  end(): void;
}

/** Where a backup is written. */
export interface Sink {
  write(bytes: Uint8Array): Promise<void>;
  finish(replaces: boolean): Promise<void>;
  discard(): Promise<void>;
}

/** Between two attempts. */
const retryMs = 50;
/** How often a node that prepares a backup is asked whether it is still there. */
const watchMs = 500;
/** The least that an answer is waited for. */
const shortestWaitMs = 100;

/** Writes a backup to `path`, or to `output`, as it arrives; `path` has its name only when it is whole. Never rejects. */
export const takeBackup = async (
  path: string,
  output: Sink | null,
  options: BackupOptions,
): Promise<Report> => {
  const { endpoints, isTargeted, timeoutMs, isStale, replaces, signal, reach = plainReach } = options;
  if (output === null && !replaces && existsSync(path)) {
    return failure(exitCodes.failure, {
      error: 'file_exists',
      message: `${path} exists; --force replaces it`,
    });
  }
  const waitMs = Math.max(shortestWaitMs, timeoutMs / 4);
  const deadlineMs = performance.now() + timeoutMs;
  let problem = isStale ? 'no node answers' : 'no leader is known';
  while (performance.now() < deadlineMs && !signal.aborted) {
    const endpoint = isTargeted ? endpoints[0]! : await nodeToAsk(reach, endpoints, isStale, waitMs);
    if (endpoint !== null && typeof endpoint !== 'string') return endpoint;
    if (endpoint !== null) {
      const answer = await ask(endpoint, options);
      if (!('problem' in answer)) return receive(answer, path, output, options);
      if (answer.report !== null) return answer.report;
      problem = `${answer.problem} at ${endpoint}`;
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
  if (signal.aborted) return interrupted;
  return failure(exitCodes.timeout, {
    error: 'timeout',
    message: `timed out after ${timeoutMs} ms (${problem}); nothing was written`,
  });
};

const interrupted = failure(exitCodes.failure, {
  error: 'interrupted',
  message: 'interrupted; nothing was written',
});

/** The leader, or for a stale backup any node that answers. A report: access is denied. */
const nodeToAsk = async (
  reach: Reach,
  endpoints: readonly string[],
  isStale: boolean,
  waitMs: number,
): Promise<string | Report | null> => {
  const answers = await askStatus(reach, endpoints, waitMs);
  const denial = denialIn(answers);
  if (denial !== null) return denial;
  if (!isStale) return leaderIn(answers)?.endpoint ?? null;
  return answers.find((answer) => 'status' in answer)?.endpoint ?? null;
};

/** The backup as it begins to arrive; or why not, and what to report if it is no use to try again. */
const ask = async (
  endpoint: string,
  { timeoutMs, isStale, signal, reach = plainReach }: BackupOptions,
): Promise<IncomingMessage | { readonly problem: string; readonly report: Report | null }> => {
  const distrust = distrustOf(reach, endpoint);
  if (distrust !== null) return { problem: distrust, report: outOfReach(distrust) };
  const lost = watch(reach, endpoint, timeoutMs);
  try {
    const incoming = await openStream(
      reach,
      endpoint,
      backupOperation(isStale ? 'stale' : 'linearizable'),
      AbortSignal.any([signal, lost.signal]),
    );
    if (incoming.statusCode === 200) return incoming;
    const { statusCode, headers } = incoming;
    const reply: Reply = { status: statusCode!, headers, body: await buffer(incoming) };
    const isPassing = reply.status === 421 || reply.status === 429 || reply.status >= 500;
    const isFinal = !isPassing || jsonBody(reply)?.error === 'snapshot_failed';
    const report = isFinal ? failure(exitCodes.failure, answeredError(reply)) : null;
    return { problem: problemIn(reply), report };
  } catch (error) {
    const { reason, isLasting } = failureOf(endpoint, error as Error);
    return { problem: reason, report: isLasting ? outOfReach(reason) : null };
  } finally {
    lost.stop();
  }
};

/** Aborts once the node has not answered for `timeoutMs`: to save a large state may take longer than that, but a node that does it answers. */
const watch = (reach: Reach, endpoint: string, timeoutMs: number) => {
  const lost = new AbortController();
  const patienceMs = Math.max(timeoutMs, 2 * watchMs);
  let answeredMs = performance.now();
  let isStopped = false;
  let nextLook: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const [answer] = await askStatus(reach, [endpoint], watchMs);
    if (isStopped) return;
    const nowMs = performance.now();
    if (answer !== undefined && 'status' in answer) answeredMs = nowMs;
    if (nowMs - answeredMs > patienceMs) lost.abort(new Error('no answer'));
    else nextLook = setTimeout(look, watchMs);
  };
  nextLook = setTimeout(look, watchMs);
  return {
    signal: lost.signal,
    stop: () => {
      isStopped = true;
      clearTimeout(nextLook);
    },
  };
};

const receive = async (
  incoming: IncomingMessage,
  path: string,
  output: Sink | null,
  options: BackupOptions,
): Promise<Report> => {
  const { timeoutMs, signal, progress, asJson } = options;
  let sink: Sink;
  try {
    sink = output ?? (await NewFile.create(path));
  } catch (error) {
    incoming.destroy();
    return cannotWrite(path, error as Error);
  }
  const failed = async (report: Report): Promise<Report> => {
    incoming.destroy();
    progress.end();
    await sink.discard();
    return report;
  };
  incoming.setTimeout(Math.max(timeoutMs, 2 * watchMs), () =>
    incoming.destroy(new Error('nothing arrived in time')),
  );
  const abort = (): void => void incoming.destroy(new Error('interrupted'));
  signal.addEventListener('abort', abort);
  let bytes = 0;
  let writeFailure: Error | null = null;
  /** What arrives goes to the sink before it is checked: what is written is what was checked. */
  async function* written(): AsyncGenerator<Uint8Array> {
    for await (const piece of incoming as AsyncIterable<Buffer>) {
      bytes += piece.length;
      await sink.write(piece).catch((error: Error) => {
        writeFailure = error;
        throw error;
      });
      yield piece;
    }
  }
  let header: BackupHeader;
  try {
    const backup = await openBackup(written());
    header = backup.header;
    let received = 0;
    for await (const chunk of backup.data()) {
      received += chunk.length;
      progress.show(received, header.sizeBytes);
    }
  } catch (error) {
    if (signal.aborted) return failed(interrupted);
    if (writeFailure !== null) return failed(cannotWrite(path, writeFailure));
    const message = endWords(error as Error);
    // A connection that broke off shows as an end too soon as well.
    const isDamaged = error instanceof BackupRefused && incoming.complete;
    return failed(
      isDamaged
        ? failure(exitCodes.failure, {
            error: 'damaged',
            message: `what arrived is ${message}; nothing was written`,
          })
        : failure(exitCodes.timeout, {
            error: 'broken_off',
            message: `the backup broke off after ${bytes} bytes (${message}); nothing was written`,
          }),
    );
  } finally {
    signal.removeEventListener('abort', abort);
  }
  progress.end();
  try {
    await sink.finish(options.replaces);
  } catch (error) {
    await sink.discard();
    return cannotWrite(path, error as Error);
  }
  return done(header, { path, bytes, asJson });
};

const endWords = ({ code, message }: NodeJS.ErrnoException): string =>
  code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE'
    ? 'the node stopped sending: its log says why'
    : message;

const cannotWrite = (path: string, { message }: Error): Report =>
  failure(exitCodes.failure, { error: 'output', message: `cannot write ${path}: ${message}` });

const done = (
  { node, consistency, clusterId, index, term }: BackupHeader,
  { path, bytes, asJson }: { readonly path: string; readonly bytes: number; readonly asJson: boolean },
): Report => {
  if (asJson) {
    return printed(jsonLine({ ok: true, file: path, node, consistency, clusterId, index, term, bytes }));
  }
  return printed(`OK index=${index} term=${term} node=${node} ${consistency} bytes=${bytes}\n`);
};
