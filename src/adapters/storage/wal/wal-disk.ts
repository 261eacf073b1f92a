import type { Disk, KnownDisk, Member, Run } from '../../../ports/disk.ts';
import type { NodeId } from '../../../raft/types.ts';
import { CheckedFile } from '../checked-file.ts';
import type { Account, LogBase } from './account.ts';
import type { Position } from './entry-index.ts';
import type { Identity } from './identity.ts';
import type { PeerDisks } from './peer-disks.ts';

type Done = (failure: Error | null) => void;

export interface WalDiskParts {
  readonly identity: Identity;
  readonly account: Account;
  readonly peers: PeerDisks;
  readonly writeAccount: (account: Account) => Promise<void>;
  readonly writePeers: (peers: PeerDisks) => Promise<void>;
}

/** The claim of a data directory, and the small files that back it. */
export class WalDisk implements Disk {
  readonly logId: string;
  readonly firstMembers: readonly Member[] | null;
  readonly runs: readonly Run[];
  readonly #account: CheckedFile<Account>;
  readonly #peers: CheckedFile<PeerDisks>;
  readonly #known: Map<NodeId, KnownDisk>;
  /** How far the log is durable, as of now. */
  #durableEnd: () => Position;

  constructor({ identity, account, peers, writeAccount, writePeers }: WalDiskParts) {
    this.logId = identity.logId;
    this.firstMembers = identity.members;
    this.runs = account.runs;
    this.#account = new CheckedFile(account, writeAccount);
    this.#peers = new CheckedFile(peers, writePeers);
    this.#known = new Map(peers);
    this.#durableEnd = () => account.watermark;
  }

  /** From now on the watermark follows the log. */
  follow(durableEnd: () => Position): void {
    this.#durableEnd = durableEnd;
  }

  get start(): number {
    return this.#account.content.start;
  }

  advanceStart(done: Done): void {
    answer(
      this.#account.change((account) => ({
        ...account,
        start: account.start + 1,
        watermark: this.#durableEnd(),
      })),
      done,
    );
  }

  knownOf(peer: NodeId): KnownDisk | null {
    return this.#known.get(peer) ?? null;
  }

  remember(peer: NodeId, known: KnownDisk, done: Done): void {
    this.#known.set(peer, known);
    answer(
      this.#peers.change((durable) => (isSame(durable, this.#known) ? durable : new Map(this.#known))),
      done,
    );
  }

  /** Settles once it is durable that the log goes on in `segment`, and that everything before is there. */
  enterSegment(segment: number): Promise<void> {
    return this.#account.change((account) => ({
      ...account,
      lastSegment: segment,
      watermark: this.#durableEnd(),
    }));
  }

  /** Settles once it is durable that the log begins after `base`, and needs no segment before `firstSegment`. */
  beginAt(firstSegment: number, base: LogBase): Promise<void> {
    return this.#account.change((account) => ({ ...account, firstSegment, base }));
  }

  /** Settles once what was asked for is done, and the watermark is where the log ends. */
  async close(isLogSound: boolean): Promise<void> {
    await this.#peers.change((peers) => peers).catch(() => {});
    await this.#account.change((account) => {
      const { segment, offset } = this.#durableEnd();
      const isThere = segment === account.watermark.segment && offset === account.watermark.offset;
      return isThere || !isLogSound ? account : { ...account, watermark: { segment, offset } };
    });
  }
}

function answer(written: Promise<void>, done: Done): void {
  written.then(
    () => done(null),
    (error: Error) => done(error),
  );
}

function isSame(a: PeerDisks, b: PeerDisks): boolean {
  if (a.size !== b.size) return false;
  for (const [peer, { logId, start, run }] of a) {
    const other = b.get(peer);
    if (other?.logId !== logId || other.start !== start || other.run !== run) return false;
  }
  return true;
}
