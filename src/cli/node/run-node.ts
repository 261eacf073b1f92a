import { CredentialsRefused } from '../../adapters/tls/credentials.ts';
import { ListenFailed } from '../../adapters/transport/tcp/listen.ts';
import { JoinRefused } from '../../node/join-cluster.ts';
import { type Log, withFields } from '../../ports/log.ts';
import { StorageRefused } from '../../ports/storage.ts';
import { nodeName } from '../../raft/types.ts';
import { TokensUnusable } from '../../store/http/access/tokens.ts';
import { HttpListenFailed } from '../../store/http/server.ts';
import { exitCodes } from '../exit-codes.ts';
import { assembleNode, type RunningNode, type Start } from './assemble-node.ts';
import { type ClientPorts, openClientPorts } from './client-ports.ts';
import { inspectorOf, measuring, tracingOf } from './instruments.ts';
import type { NodeOptions } from './node-options.ts';
import { Secrets } from './secrets.ts';
import { StartRefused } from './start-refused.ts';

/**
 * Puts one node together: the client API, the storage, the transport and the key-value store. The API answers from the start, even while the log is
 * being read. `exitCode` rejects with `StartRefused`.
 */
export const runNode = (options: NodeOptions, rootLog: Log): RunningNode => {
  const starting = new AbortController();
  const { signal } = starting;
  const started = start(options, rootLog, signal);
  const exitCode = started.then(
    ({ exitCode: code }) => code,
    (error: unknown) => {
      if (signal.aborted && error === signal.reason) return exitCodes.success;
      throw error;
    },
  );
  // A refusal is reported by `exitCode`.
  const onceStarted = (act: (node: RunningNode) => void): void => {
    starting.abort();
    started.then(act, () => {});
  };
  return {
    exitCode,
    retire: () => onceStarted((node) => node.retire()),
    stop: () => onceStarted((node) => node.stop()),
    reload: () =>
      void started.then(
        (node) => node.reload(),
        () => {},
      ),
  };
};

/** Opens the ports for clients first: an address that is in use is refused before anything is touched on disk. */
const start = async (options: NodeOptions, rootLog: Log, signal: AbortSignal): Promise<RunningNode> => {
  const { id } = options;
  const metrics = options.metrics ? await measuring(options) : null;
  const attachInspector = await inspectorOf(options);
  const log = withFields(rootLog, { node: nodeName(id) });
  const tracing = await tracingOf(options, log);
  let words = 'starting';
  const tell = (doing: string): void => {
    words = doing;
  };
  const secrets = new Secrets(log);
  let ports: ClientPorts | null = null;
  try {
    const { clusterId, peerTls, clientTls, tokenFile } = options;
    const credentials = secrets.credentials(peerTls, { clusterId, node: id });
    const tls = secrets.credentials(clientTls, null);
    const tokens = secrets.tokens(tokenFile);
    const spans = tracing?.spans ?? null;
    ports = await openClientPorts(options, { log, startingWords: () => words, tls, tokens, metrics, spans });
    const instruments = { metrics, tracing, attachInspector };
    return await startBehind(ports, {
      options,
      rootLog,
      log,
      instruments,
      credentials,
      secrets,
      signal,
      tell,
    });
  } catch (error) {
    secrets.close();
    await ports?.close(0);
    await tracing?.close();
    return refuse(error);
  }
};

const startBehind = async (ports: ClientPorts, start: Start): Promise<RunningNode> => {
  /** What has to be closed if the rest fails, the last first. Once the node runs, it closes its storage and its transport itself. */
  const closing: (() => unknown)[] = [];
  try {
    return await assembleNode(ports, start, (close) => closing.unshift(close));
  } catch (error) {
    for (const close of closing) await close();
    throw error;
  }
};

/** Its module is loaded only where it is used. */
const isEtcdListenFailed = (error: unknown): error is Error => (error as Error).name === 'EtcdListenFailed';

const refuse = (error: unknown): never => {
  if (error instanceof StorageRefused) {
    const isPassing = error.reason === 'locked' || error.reason === 'unusable';
    throw new StartRefused(error.message, isPassing ? exitCodes.failure : exitCodes.inconsistency);
  }
  if (error instanceof JoinRefused) throw new StartRefused(error.message, exitCodes.inconsistency);
  if (error instanceof CredentialsRefused || error instanceof TokensUnusable)
    throw new StartRefused(error.message, exitCodes.failure);
  if (error instanceof ListenFailed || error instanceof HttpListenFailed || isEtcdListenFailed(error)) {
    throw new StartRefused(error.message, exitCodes.failure);
  }
  throw error;
};
