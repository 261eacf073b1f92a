import { Command, InvalidArgumentError, Option } from 'commander';
import { runStory } from '../../simulate/scenario/run-story.ts';
import { stories } from '../../simulate/scenario/stories.ts';
import type { Story } from '../../simulate/scenario/story.ts';
import { StoryUnusable } from '../../simulate/scenario/story-unusable.ts';
import { textStory } from '../../simulate/scenario/text/text-story.ts';
import { type TraceFormat, TraceWriter, traceFormats } from '../trace-writer.ts';
import { readStoryFile, writeStoryFile } from './story-file.ts';

const held = 0;
/** An expectation or a safety property does not hold. */
const violated = 1;
/** Unusable input. */
const unusable = 2;
type ExitCode = typeof held | typeof violated | typeof unusable;

interface Flags {
  readonly list?: true;
  readonly file?: readonly string[];
  readonly rewrite?: true;
  readonly seed?: number;
  readonly trace?: string;
  readonly format?: TraceFormat;
}

const parseSeed = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`expected a whole number, got "${text}".`);
  return Number(text);
};

const help = `
A story in a file begins with what it is about, and then says what happens, one directive a line:

  title: A leader is elected
  nodes: 3

  start
  campaign 1
  stabilize
  expect 1 is leader in term 1

What is expected to be told may follow a block of directives, after a line ----, up to an empty line;
--rewrite writes that. docs/stories.md has all verbs and expectations.

Exit codes: 0 everything holds; 1 an expectation, a transcript or a safety property does not;
2 a story cannot be played as it is written, or there is none. Of several stories, the highest counts.`;

/** `raftchart scenario`: plays scripted stories on the simulator and narrates them. The help lists the exit codes. */
export const scenarioCommand = (): Command => {
  const command = new Command('scenario')
    .description('Plays a scripted story on a simulated cluster and tells what happens and why.')
    .argument('[name]', 'the story; without it, all stories are listed')
    .option('--file <files...>', 'play the stories in these text files instead')
    .option('--rewrite', 'with --file: write the transcripts of what is played into the files')
    .option('--list', 'list the stories')
    .option(
      '--seed <n>',
      'seed of the delays and timeouts that the story leaves open (default: 1, or that of the file)',
      parseSeed,
    )
    .option('--trace <file>', 'write every event there (NDJSON), for raftchart sequence to draw')
    .addOption(new Option('--format <format>', 'of --trace; docs/traces-of-others.md').choices(traceFormats))
    .addHelpText('after', help);
  const refuse = (message: string) => command.error(message, { exitCode: unusable });
  return command.action(async (name: string | undefined, flags: Flags) => {
    const { file: files, rewrite, seed, trace, format } = flags;
    if (format !== undefined && trace === undefined) return refuse('--format needs --trace');
    if (files !== undefined) {
      if (name !== undefined) return refuse(`give either a name, such as "${name}", or --file, not both`);
      if (rewrite && seed !== undefined) {
        return refuse(
          '--rewrite writes what is told with the seed of the file: leave out --seed, or set it there',
        );
      }
      if (trace !== undefined && files.length > 1) return refuse('--trace takes one story: name one file');
      process.exitCode = await playFiles(files, flags);
      return;
    }
    if (rewrite) return refuse('--rewrite goes with --file');
    if (name === undefined || flags.list) {
      listStories();
      return;
    }
    const story = stories.find((each) => each.name === name);
    if (story === undefined) {
      const names = stories.map((each) => each.name).join(', ');
      return refuse(`there is no scenario "${name}"; choose one of ${names}, or play a file with --file`);
    }
    process.exitCode = (await tell(story, seed ?? 1, flags)) === null ? held : violated;
  });
};

/** One after the other, whatever becomes of one. */
const playFiles = async (files: readonly string[], flags: Flags): Promise<ExitCode> => {
  const codes: ExitCode[] = [];
  for (const [at, file] of files.entries()) {
    if (at > 0) say('');
    codes.push(await playFile(file, flags));
  }
  if (files.length > 1) {
    const count = (code: ExitCode) => codes.filter((each) => each === code).length;
    say(
      `\n${files.length} stories: ${count(held)} held, ${count(violated)} failed, ${count(unusable)} could not be played`,
    );
  }
  return codes.reduce((worst, code) => (code > worst ? code : worst), held);
};

const playFile = async (file: string, flags: Flags): Promise<ExitCode> => {
  const { rewrite, seed } = flags;
  try {
    const text = readStoryFile(file);
    const story = textStory(file, text);
    const failure = await tell(story, seed ?? story.seed, flags, rewrite);
    if (failure !== null) {
      complain(failure);
      return violated;
    }
    const rewritten = story.rewritten();
    if (rewrite && rewritten !== text) writeStoryFile(file, rewritten);
    return held;
  } catch (error) {
    if (!(error instanceof StoryUnusable)) throw error;
    complain(error.message);
    return unusable;
  }
};

/** Null, or what did not hold. Written in one go at the end: a story takes a fraction of a second, and its reader may stop early. */
const tell = async (
  story: Story,
  seed: number,
  { trace, format = 'raftchart' }: Pick<Flags, 'trace' | 'format'>,
  ignoresTranscripts = false,
): Promise<string | null> => {
  const lines: string[] = [];
  const writer = trace === undefined ? null : new TraceWriter(trace, format);
  try {
    return await runStory(story, {
      seed,
      ignoresTranscripts,
      print: (line) => lines.push(line),
      ...(writer === null ? {} : { onEvent: (event) => writer.take(event) }),
    });
  } finally {
    say(lines.join('\n'));
    writer?.close();
  }
};

const listStories = (): void => {
  const columns = Math.max(...stories.map(({ name }) => name.length)) + 2;
  for (const { name, title } of stories) say(`${name.padEnd(columns)}${title}`);
};

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const complain = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
