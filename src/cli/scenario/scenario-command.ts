import { Command, InvalidArgumentError, Option } from 'commander';
import { runStory } from '../../simulate/scenario/run-story.ts';
import { stories } from '../../simulate/scenario/stories.ts';
import type { Story } from '../../simulate/scenario/story.ts';
import { type TraceFormat, TraceWriter, traceFormats } from '../trace-writer.ts';
import { UsageError } from '../usage-error.ts';

/** An expectation or a safety property does not hold. */
const violated = 1;
/** Unusable input. */
const unusable = 2;

interface Flags {
  readonly list?: true;
  readonly seed: number;
  readonly trace?: string;
  readonly format?: TraceFormat;
}

const parseSeed = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`expected a whole number, got "${text}".`);
  return Number(text);
};

/** `raftchart scenario`: plays a scripted story on the simulator and narrates it. Exit code 0: everything holds; 1: not; 2: no such story. */
export const scenarioCommand = (): Command => {
  const command = new Command('scenario')
    .description('Plays a scripted story on a simulated cluster and tells what happens and why.')
    .argument('[name]', 'the story; without it, all stories are listed')
    .option('--list', 'list the stories')
    .option('--seed <n>', 'seed of the delays and timeouts that the story leaves open', parseSeed, 1)
    .option('--trace <file>', 'write every event there (NDJSON), for raftchart sequence to draw')
    .addOption(new Option('--format <format>', 'of --trace; docs/traces-of-others.md').choices(traceFormats));
  return command.action(async (name: string | undefined, flags: Flags) => {
    if (name === undefined || flags.list) {
      listStories();
      return;
    }
    const story = stories.find((each) => each.name === name);
    if (story === undefined) {
      const names = stories.map((each) => each.name).join(', ');
      command.error(`there is no scenario "${name}"; choose one of ${names}`, { exitCode: unusable });
      return;
    }
    process.exitCode = await tell(story, flags);
  });
};

/** Told in one go at the end: a story takes a fraction of a second, and its reader may stop early. */
const tell = async (story: Story, { seed, trace, format }: Flags): Promise<number> => {
  if (format !== undefined && trace === undefined) throw new UsageError('--format needs --trace');
  const lines: string[] = [];
  const writer = trace === undefined ? null : new TraceWriter(trace, format ?? 'raftchart');
  try {
    const failure = await runStory(story, {
      seed,
      print: (line) => lines.push(line),
      ...(writer === null ? {} : { onEvent: (event) => writer.take(event) }),
    });
    return failure === null ? 0 : violated;
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
