/** What the adapter uses of liferaft 1.0.0, which comes without types. */
declare module 'liferaft' {
  export interface Packet {
    readonly state: number;
    readonly term: number;
    readonly address: string;
    readonly type: string;
    readonly leader: string;
    readonly last: { readonly index: number; readonly term: number; readonly committedIndex: number };
    readonly data?: unknown;
  }

  export default class Raft {
    static readonly LEADER: number;
    static readonly CANDIDATE: number;
    static readonly FOLLOWER: number;
    constructor(address: string, options: object);
    readonly state: number;
    readonly term: number;
    readonly votes: { readonly for: string | null };
    readonly timers: { active(name: string): boolean; tock(name: string, clear: boolean): () => void };
    log: import('liferaft/log.js').default;
    join(address: string, write: (packet: Packet, done: () => void) => void): void;
    emit(event: 'data', packet: Packet, write?: (packet?: unknown) => void): void;
    command(command: unknown): Promise<void>;
    end(): void;
  }
}

declare module 'liferaft/log.js' {
  export interface StoredEntry {
    readonly index: number;
    readonly term: number;
    readonly command: unknown;
  }

  export default class Log {
    readonly committedIndex: number;
    getEntriesAfter(index: number): Promise<readonly StoredEntry[]>;
  }
}

declare module 'memdown' {
  const memdown: (location: string) => unknown;
  export default memdown;
}
