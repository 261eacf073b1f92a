import { StoryUnusable } from '../story-unusable.ts';

/** One directive, as it is written. */
export interface Directive {
  /** From 1 on. */
  readonly line: number;
  readonly text: string;
}

/** Directives, one a line, and what is expected to be told while they are played. */
export interface Block {
  readonly directives: readonly Directive[];
  /** Null: nothing is expected. */
  readonly transcript: readonly string[] | null;
  /** The lines that a transcript takes the place of, `----` included: from the first, from 0 on, to before the second. */
  readonly place: readonly [number, number];
}

/** A story as a text file tells it. */
export interface StoryText {
  /** As messages name it. */
  readonly file: string;
  /** Each with its line. */
  readonly fields: ReadonlyMap<string, { readonly line: number; readonly value: string }>;
  readonly blocks: readonly Block[];
  /** With their ends. */
  readonly lines: readonly string[];
}

const separator = '----';
const fieldForm = /^([a-z][a-z-]*):(?:\s+(.*))?$/;
const byteOrderMark = '\uFEFF';

/** Where in a story something is wrong. */
export const placed = (file: string, line: number, message: string): string => `${file}:${line}: ${message}`;

/** Throws `StoryUnusable`, with the place. */
export const parseText = (file: string, text: string): StoryText => {
  const ended = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const lines = ended.map((line, at) =>
    line.slice(at === 0 && line.startsWith(byteOrderMark) ? 1 : 0).trimEnd(),
  );
  const fields = new Map<string, { line: number; value: string }>();
  const blocks: Block[] = [];
  let at = 0;
  for (; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.startsWith('#') || (line === '' && fields.size === 0)) continue;
    const [, name, value = ''] = fieldForm.exec(line) ?? [];
    if (name === undefined) break;
    if (fields.has(name))
      throw new StoryUnusable(placed(file, at + 1, `${name} is set twice: leave one out`));
    fields.set(name, { line: at + 1, value });
  }
  let directives: Directive[] = [];
  /** Where the open block ends, comments included. */
  let end = at;
  const close = (transcript: Block['transcript'], place: Block['place']) => {
    if (directives.length > 0) blocks.push({ directives, transcript, place });
    directives = [];
  };
  for (; at < lines.length; at++) {
    const line = lines[at]!;
    if (line === '') close(null, [end, end]);
    else if (line === separator) {
      if (directives.length === 0) {
        throw new StoryUnusable(
          placed(
            file,
            at + 1,
            `there is no directive before ${separator}: write what it is the transcript of`,
          ),
        );
      }
      const from = at;
      while (at + 1 < lines.length && lines[at + 1] !== '') at++;
      close(lines.slice(from + 1, at + 1), [from, at + 1]);
    } else {
      if (!line.startsWith('#')) directives.push({ line: at + 1, text: line.trim() });
      end = at + 1;
    }
  }
  close(null, [end, end]);
  if (blocks.length === 0)
    throw new StoryUnusable(
      placed(file, Math.max(1, lines.length), 'nothing happens: write a directive, such as start'),
    );
  return { file, fields, blocks, lines: ended };
};

/** The text with other transcripts: one for each block, in order. Nothing else changes. */
export const withTranscripts = (
  { blocks, lines }: StoryText,
  transcripts: readonly (readonly string[])[],
): string => {
  const end = lines[0]?.endsWith('\r\n') ? '\r\n' : '\n';
  const written: string[] = [];
  let at = 0;
  for (const [index, { place }] of blocks.entries()) {
    const [from, to] = place;
    written.push(...lines.slice(at, from));
    const last = written.at(-1);
    if (last !== undefined && !last.endsWith('\n')) written.push(end);
    const isAtEnd = to === lines.length && !(lines.at(-1) ?? '').endsWith('\n');
    const transcript = [separator, ...transcripts[index]!].join(end);
    written.push(isAtEnd ? transcript : transcript + end);
    at = to;
  }
  return [...written, ...lines.slice(at)].join('');
};
