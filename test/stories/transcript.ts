import type { Output } from '../../src/node/machine-node.ts';
import type { Message } from '../../src/raft/messages.ts';
import type { NodeId } from '../../src/raft/types.ts';
import { stateNameOf } from '../../src/statechart/read/state-name.ts';
import {
  configurationText,
  isTold,
  messageText,
  problemText,
  transitionText,
  writeText,
} from './story-text.ts';

interface Line {
  readonly text: string;
  /** The line says only that this has left. */
  readonly sent: Message | null;
}

/**
 * What nodes do, in lines: what happens to one at the margin, and below it what follows. A message that is delivered or lost in the same block is
 * shown there only, and the sentence of a transition the first time only.
 */
export class Transcript {
  readonly #names = new Map<number, string>();
  readonly #told = new Set<string>();
  #lines: Line[] = [];
  /** While true, nothing is told. */
  isQuiet = false;

  /** The lines since the last call. */
  takeLines(): readonly string[] {
    const lines = this.#lines.map(({ text }) => text);
    this.#lines = [];
    return lines;
  }

  tell(text: string): void {
    this.#add(text, null);
  }

  /** What a client has asked for, under the number that comes back in the answer. */
  name(id: number, what: string): void {
    this.#names.set(id, what);
  }

  /** The message has gone: what becomes of it is told next. */
  delivers(message: Message): void {
    this.#lines = this.#lines.filter(({ sent }) => sent !== message);
  }

  take(id: NodeId, output: Output): void {
    const tell = (text: string) => this.#add(`  ${id} ${text}`, null);
    const nameOf = (request: number) => this.#names.get(request);
    switch (output.type) {
      case 'stepped':
        this.#tellTransitions(id, output);
        return;
      case 'left':
        this.#add(`  ${messageText(output.message)}`, output.message);
        return;
      case 'held':
        this.#add(`  ${messageText(output.message)}, once that is written`, null);
        return;
      case 'wrote':
        tell(`begins to write ${writeText(output.write)}`);
        return;
      case 'synced':
        tell(`has written ${writeText(output.write)}`);
        return;
      case 'committed':
        tell(`commits ${rangeText(output.before + 1, output.lastIndex)}`);
        return;
      case 'restored':
        tell(`restores its state machine up to ${output.index}`);
        return;
      case 'compacted':
        tell(`drops its log up to ${output.index}`);
        return;
      case 'chunkStored':
        tell(`keeps chunk ${output.chunk.offset}`);
        return;
      case 'snapshotKept': {
        const { index, term, configuration } = output.snapshot;
        tell(`has snapshot ${index}/${term} ${configurationText(configuration)} on disk`);
        return;
      }
      case 'dropped':
        tell(`has replaced what it wanted to send to ${output.to}`);
        return;
      case 'accepted': {
        const { ids, firstIndex, term } = output.answer;
        ids.forEach((each, at) => {
          tell(`appends ${nameOf(each)} as ${firstIndex + at}/${term}`);
        });
        return;
      }
      case 'rejected': {
        const { ids, leaderId } = output.answer;
        tell(`refuses ${ids.map(nameOf).join(', ')}: ${leaderText(leaderId)}`);
        return;
      }
      case 'requestAccepted':
        tell(`has done “${nameOf(output.answer.id)}”: ${output.answer.index} is committed`);
        return;
      case 'requestRefused': {
        const { id: request, reason, leaderId } = output.answer;
        tell(`refuses to ${nameOf(request)}: ${reason}, ${leaderText(leaderId)}`);
        return;
      }
      case 'readConfirmed':
        tell(`may answer read ${output.answer.id} from ${output.answer.index} on`);
        return;
      case 'readRejected':
        tell(`refuses read ${output.answer.id}: ${leaderText(output.answer.leaderId)}`);
        return;
      case 'reported':
        tell(`reports that ${output.report.peer} ${problemText(output.report.problem)}`);
        return;
      case 'applied':
      case 'failed':
        return;
    }
  }

  #tellTransitions(id: NodeId, { step }: Extract<Output, { type: 'stepped' }>): void {
    const { taken, snapshot, effects } = step;
    // Its own disk is done, and nothing comes of it.
    if (taken.length === 1 && taken[0]!.transition.eventType === 'Persisted' && effects.length === 0) return;
    const last = stateNameOf(snapshot);
    const told = taken.filter((each, at) => isTold(each, taken[at + 1]?.state ?? last));
    told.forEach((each, at) => {
      const text = transitionText(each, told[at + 1]?.state ?? last, (name) => this.#isFirstTime(name));
      if (text !== null) this.#add(`  ${id} ${text}`, null);
    });
  }

  #isFirstTime(name: string): boolean {
    if (this.isQuiet || this.#told.has(name)) return false;
    this.#told.add(name);
    return true;
  }

  #add(text: string, sent: Message | null): void {
    if (!this.isQuiet) this.#lines.push({ text, sent });
  }
}

const rangeText = (first: number, last: number): string => (first === last ? `${first}` : `${first}-${last}`);

const leaderText = (leaderId: NodeId | null): string =>
  leaderId === null ? 'no leader is known' : `ask ${leaderId}`;
