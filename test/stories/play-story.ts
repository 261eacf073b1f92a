import type { raftMachine } from '../../machines/raft/raft.machine.ts';
import { Script } from './commands.ts';
import { StoryFailed } from './story-failed.ts';
import { Transcript } from './transcript.ts';

const separator = '----';

/**
 * Plays the script of a story and gives back its text with what the nodes did now. A block is lines of the script, `----`, and the transcript
 * up to the next empty line; lines that begin with # are for people. `machine` may be a
 * broken chart. Throws `StoryFailed` with the place as `FILE:LINE`.
 */
export const playStory = (file: string, text: string, machine?: typeof raftMachine): string => {
  const transcript = new Transcript();
  const script = new Script(transcript, machine);
  const lines = text.split('\n');
  const played: string[] = [];
  /** Whether commands wait for their `----`. */
  let isOpen = false;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const isEmpty = line.trim() === '';
    if (line === separator) {
      played.push(line, ...transcriptOf(transcript));
      while (at + 1 < lines.length && lines[at + 1]!.trim() !== '') at++;
      isOpen = false;
      continue;
    }
    if (isEmpty && isOpen) throw failed(file, at, `expected ${separator} after the commands`);
    played.push(line);
    if (isEmpty || line.startsWith('#')) continue;
    isOpen = true;
    try {
      script.run(line);
    } catch (error) {
      if (!(error instanceof StoryFailed)) throw error;
      throw failed(file, at, `${line.trim()}: ${error.message}`);
    }
  }
  if (isOpen) throw failed(file, lines.length - 1, `expected ${separator} after the commands`);
  return played.join('\n');
};

/** Where the text of a story and what was played differ first, in words; empty: nowhere. */
export const differenceIn = (file: string, text: string, played: string): string => {
  const [said, done] = [text.split('\n'), played.split('\n')];
  const at = said.findIndex((line, index) => line !== done[index]);
  if (at < 0) return said.length === done.length ? '' : `${file}:${said.length + 1}: the nodes do more`;
  return `${file}:${at + 1}: the story says\n  ${said[at]}\nand the nodes\n  ${done[at] ?? 'nothing more'}`;
};

const transcriptOf = (transcript: Transcript): readonly string[] => {
  const lines = transcript.takeLines();
  return lines.length === 0 ? ['ok'] : lines;
};

const failed = (file: string, at: number, message: string): StoryFailed =>
  new StoryFailed(`${file}:${at + 1}: ${message}`);
