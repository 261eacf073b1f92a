import type { Command, Option } from 'commander';

/** What a word on a command line can be completed to. */
export type Value = 'nothing' | 'file' | 'directory' | readonly string[];

export interface CompletableFlag {
  /** As they are typed: `-o`, `--output`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takes: 'nothing' | 'maybe a value' | 'a value' | 'values';
  readonly value: Value;
}

/** One command of a program, as far as a shell completes it. What is above it is above its path. */
export interface Completable {
  /** The words that lead to it, the program's name first. */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  /** Its own. The flags of the commands above it may follow its name as well. */
  readonly flags: readonly CompletableFlag[];
  /** One after the other. */
  readonly operands: readonly Value[];
  /** Each operand after those. */
  readonly furtherOperands: Value;
}

/** The program and all commands below it, each before those that are below it: what their `--help` shows. */
export const completables = (command: Command, above: readonly string[] = []): readonly Completable[] => {
  const help = command.createHelp();
  const path = [...above, command.name()];
  const commands = help.visibleCommands(command);
  const operands = command.registeredArguments.map((each) => valueNamed(each.name(), each.argChoices));
  const isVariadic = command.registeredArguments.at(-1)?.variadic ?? false;
  const own: Completable = {
    path,
    commands: commands.map((each) => ({ name: each.name(), description: shortened(each.description()) })),
    // Each command has --help, and the program's is for all of them.
    flags: help
      .visibleOptions(command)
      .filter(({ long }) => above.length === 0 || long !== '--help')
      .map(completableFlag),
    operands,
    furtherOperands: (isVariadic ? operands.at(-1) : undefined) ?? 'nothing',
  };
  // `help` takes the name of a command, and nothing is below it.
  const below = commands.filter((each) => command.commands.includes(each));
  return [own, ...below.flatMap((each) => completables(each, path))];
};

const completableFlag = (option: Option): CompletableFlag => ({
  names: [option.short, option.long].filter((name) => name !== undefined),
  description: shortened(option.description),
  takes: option.variadic
    ? 'values'
    : option.required
      ? 'a value'
      : option.optional
        ? 'maybe a value'
        : 'nothing',
  value: valueNamed(/[<[](.*?)(?:\.{3})?[>\]]$/.exec(option.flags)?.[1] ?? '', option.argChoices),
});

/** By the word that `--help` has for the value. */
const valueNamed = (word: string, choices: readonly string[] | undefined): Value => {
  if (choices !== undefined) return choices;
  if (word.includes('|')) return word.split('|');
  if (/\b(?:files?|path|module|chart|traces?|reports?|old|new)\b/.test(word)) return 'file';
  return /\bdir\b/.test(word) ? 'directory' : 'nothing';
};

/** Its first part: a list of candidates has a line for each. */
const shortened = (description: string): string =>
  description
    .split(/; | \(/)[0]!
    .replaceAll(/\s+/g, ' ')
    .replace(/[.:]$/, '');
