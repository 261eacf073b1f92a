import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RaftNode } from '../../node/node.ts';
import type { Log } from '../../ports/log.ts';
import type { SnapshotChunk, SnapshotReader } from '../../ports/snapshot-store.ts';
import { decodeConfiguration } from '../../raft/configuration-payload.ts';
import { type BackupHeader, backupPieces } from '../backup/backup-format.ts';
import { protectiveHeaders } from './access/protective-headers.ts';
import { type Answer, refusal, retrySoon } from './answer.ts';

/** What backups are made of. */
export interface BackupSource {
  readonly clusterId: string;
  /** The version of raftchart. */
  readonly program: string;
  /** The newest durable snapshot of the node that is served; null: there is none. */
  readonly openSnapshot: () => SnapshotReader | null;
}

/**
 * Gives backups of a node, one at a time. Each is the node's newest snapshot, which is taken for it unless one reaches as far: so a client that reads slowly holds up
 * nothing but the removal of that file, and costs one chunk of memory.
 */
export class Backups {
  readonly #node: Pick<RaftNode<unknown>, 'id' | 'status' | 'takeSnapshot'>;
  readonly #source: BackupSource;
  readonly #log: Log;
  readonly #wallClock: () => number;
  #isBusy = false;

  constructor(
    node: Pick<RaftNode<unknown>, 'id' | 'status' | 'takeSnapshot'>,
    source: BackupSource,
    log: Log,
    wallClock: () => number,
  ) {
    this.#node = node;
    this.#source = source;
    this.#log = log;
    this.#wallClock = wallClock;
  }

  /**
   * Streams all that the node has applied by now into `response`; resolves when that has ended, however it did. Or why there is no backup: then nothing was sent.
   * `begins` is told how to cut it off, and for what reason.
   */
  async give(
    consistency: BackupHeader['consistency'],
    response: ServerResponse,
    begins: (cut: (reason: string) => void) => void,
  ): Promise<Answer | null> {
    if (this.#isBusy) return busy;
    if (this.#node.status().lastApplied === 0) return nothingApplied;
    this.#isBusy = true;
    try {
      const reader = await this.#snapshot();
      if (reader instanceof Error) return snapshotFailed(reader.message);
      try {
        if (response.destroyed) return null;
        let cutFor: string | null = null;
        begins((reason) => {
          cutFor = reason;
          response.destroy();
        });
        await this.#stream(consistency, reader, response, () => cutFor);
      } finally {
        reader.release();
      }
      return null;
    } finally {
      this.#isBusy = false;
    }
  }

  /** Of all that is applied by now, or why there is none. */
  async #snapshot(): Promise<SnapshotReader | Error> {
    try {
      await this.#node.takeSnapshot();
      return this.#source.openSnapshot() ?? new Error('none is there');
    } catch (error) {
      return error as Error;
    }
  }

  async #stream(
    consistency: BackupHeader['consistency'],
    reader: SnapshotReader,
    response: ServerResponse,
    cutFor: () => string | null,
  ): Promise<void> {
    const { index, term, sizeBytes, configuration } = reader.info;
    const header: BackupHeader = {
      clusterId: this.#source.clusterId,
      node: this.#node.id,
      consistency,
      index,
      term,
      configuration: decodeConfiguration(configuration)!,
      takenAt: new Date(this.#wallClock()).toISOString(),
      program: this.#source.program,
      sizeBytes,
    };
    const headers = ['content-type', 'application/octet-stream', ...protectiveHeaders];
    headers.push('x-raft-node', String(this.#node.id));
    response.writeHead(200, [...headers, 'x-raft-index', String(index), 'x-raft-term', String(term)]);
    const pieces = backupPieces(header, chunksOf(reader));
    try {
      await pipeline(Readable.from(pieces, { highWaterMark: 1 }), response);
    } catch (error) {
      // The client sees that the answer breaks off.
      this.#log.warn({ index, error: cutFor() ?? endWords(error as Error) }, 'a backup broke off');
      return;
    }
    this.#log.info({ index, term, sizeBytes }, 'a backup was given');
  }
}

const endWords = ({ code, message }: NodeJS.ErrnoException): string =>
  code === 'ERR_STREAM_PREMATURE_CLOSE'
    ? 'the connection ended first: the client left or took nothing for too long, or this node stops'
    : message;

function* chunksOf(reader: SnapshotReader): Generator<SnapshotChunk> {
  for (let offset = 0; offset < reader.info.sizeBytes; ) {
    const chunk = reader.chunkAt(offset);
    yield chunk;
    offset += chunk.bytes.length;
  }
}

const busy = refusal(
  429,
  'overloaded',
  'this node is giving another backup; nothing was done, try again',
  retrySoon,
);
const nothingApplied = refusal(503, 'not_ready', 'this node has applied nothing yet');
const snapshotFailed = (reason: string): Answer =>
  refusal(503, 'snapshot_failed', `there is no snapshot to make a backup of: ${reason}`);
