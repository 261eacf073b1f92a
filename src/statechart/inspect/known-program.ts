import type { ActorNews } from './news.ts';
import type { HelloMessage } from './protocol.ts';

/** Without what it holds, which may be much: that is in the news, whose size is bounded. */
export interface KnownActor extends Omit<ActorNews, 'kind' | 'snapshot'> {
  readonly status: string;
}

/** Why an event is not sent, in one line. */
export interface SendingFault {
  readonly isUnknown: boolean;
  readonly problem: string;
}

/** What the log knows of a program. */
export class KnownProgram {
  readonly number: number;
  name: string;
  /** Its name was given; otherwise that of its first actor will do. */
  isNamed = false;
  isConnected = true;
  takesEvents = false;
  instance: string | null = null;
  /** Whether it introduces an actor as it is at that time; others say again how it was when it was new. */
  tellsPresent = false;
  readonly actors = new Map<string, KnownActor>();

  constructor(number: number) {
    this.number = number;
    this.name = `program ${number}`;
  }

  /** It has said what it is. */
  introduce({ name, takesEvents, instance, origin }: HelloMessage): void {
    this.name = name;
    this.isNamed = true;
    this.takesEvents = takesEvents;
    this.instance = instance;
    // What a page forwards comes from Stately's inspector.
    this.tellsPresent = instance !== null && origin === null;
  }

  /** What its news is about: in a store of news, the last word about each subject stays. */
  subject(kind: 'program' | 'actor' | 'snapshot', actor = ''): string {
    return `${this.number} ${kind} ${actor}`;
  }

  /** Of the actors that are not active any more, the one that was registered first. */
  firstEnded(): string | null {
    for (const { actor, status } of this.actors.values()) if (status !== 'active') return actor;
    return null;
  }

  /** Why an event cannot be sent to this actor; null where it can. */
  sendingFault(id: string): SendingFault | null {
    const actor = this.actors.get(id);
    if (actor === undefined) return noSuchActor(this.number, id);
    const refused = (problem: string): SendingFault => ({ isUnknown: false, problem });
    if (!this.isConnected) return refused(`${this.name} is not connected any more`);
    if (!this.takesEvents)
      return refused(`${this.name} takes no events: it is not inspected by raftchart/inspect`);
    return actor.status === 'active' ? null : refused(`${actor.name} takes no events: it is ${actor.status}`);
  }
}

export const noSuchActor = (program: number, actor: string): SendingFault => ({
  isUnknown: true,
  problem: `program ${program} has no actor ${actor}`,
});
