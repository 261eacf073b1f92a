import { StoryUnusable } from '../scenario/story-unusable.ts';
import { textStory } from '../scenario/text/text-story.ts';

/** What a link to a story begins with. */
const start = '#story=';
/** Of what comes after it: the version, a dot, and the text of the story, compressed (zlib) and written in base64url. */
const version = 1;

/** A longer story is a file. */
const mostBytes = 64 * 1024;
/** Compressed no story of `mostBytes` takes more than this. */
const mostCharacters = 96 * 1024;
/** Virtual time that a story from somebody else may ask for. */
const longestMs = 10 * 60_000;

/** The fragment of a URL that holds a story, `#` included. Throws `StoryUnusable` if the story is too long for one. */
export const linkTo = async (text: string): Promise<string> => {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > mostBytes) throw tooLong();
  const compressed = await passed(bytes, new CompressionStream('deflate'), mostCharacters);
  return `${start}${version}.${base64url(compressed)}`;
};

/**
 * The text of the story in the fragment of a URL. Nothing of it has been played: its directives may still turn out to be unusable. Whatever
 * is wrong with the link throws `StoryUnusable`, before it takes more memory than the longest story.
 */
export const storyIn = async (link: string): Promise<string> => {
  const [, written, data] = /^#?story=(\d{1,9})\.([\w-]*)$/.exec(link.trim()) ?? [];
  if (data === undefined) throw new StoryUnusable(`the link holds no story: it should end in ${start}1.…`);
  if (Number(written) !== version) {
    throw new StoryUnusable(
      `the story in the link is of version ${Number(written)}, and this page reads ${version}: open it with the raftchart that made it`,
    );
  }
  if (data.length > mostCharacters) throw tooLong();
  const text = await inflated(Buffer.from(data, 'base64'));
  assertStory(text);
  return text;
};

const tooLong = () =>
  new StoryUnusable(
    `the story is longer than the ${mostBytes / 1024} KiB that fit a link: share it as a file`,
  );

const torn = () => new StoryUnusable('the link is incomplete or was changed: copy all of it');

const inflated = async (compressed: Uint8Array<ArrayBuffer>): Promise<string> => {
  try {
    const bytes = await passed(compressed, new DecompressionStream('deflate'), mostBytes);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw error instanceof StoryUnusable ? error : torn();
  }
};

const assertStory = (text: string): void => {
  let directives: readonly string[];
  try {
    ({ directives } = textStory('line', text));
  } catch (error) {
    if (!(error instanceof StoryUnusable)) throw error;
    throw new StoryUnusable(`the link holds no story that can be played: ${error.message}`);
  }
  const passesMs = directives.map((each) => lasting(/^(?:quietly\s+)*pass\s+(\d+)(\S+)$/.exec(each)));
  if (passesMs.reduce((sum, ms) => sum + ms, 0) > longestMs)
    throw new StoryUnusable(
      'the story in the link lasts longer than 10 minutes: play it with raftchart scenario',
    );
};

const unitsMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000 };

const lasting = (pass: RegExpExecArray | null): number =>
  pass === null ? 0 : Number(pass[1]) * (unitsMs[pass[2]!] ?? 1);

/** What comes out when `bytes` go in, up to `most` of it: more throws `StoryUnusable`. */
const passed = async (
  bytes: Uint8Array<ArrayBuffer>,
  { readable, writable }: CompressionStream | DecompressionStream,
  most: number,
): Promise<Uint8Array> => {
  const writer = writable.getWriter();
  // What fails there fails where it is read, too.
  const ignore = () => {};
  writer.write(bytes).catch(ignore);
  writer.close().catch(ignore);
  const reader = readable.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { value } = await reader.read();
    if (value === undefined) return Buffer.concat(chunks);
    chunks.push(value);
    length += value.length;
    if (length <= most) continue;
    reader.cancel().catch(ignore);
    throw tooLong();
  }
};

const base64url = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString('base64').replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
