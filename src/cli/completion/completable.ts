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

/** What a shell needs in order to complete one command. */
export interface Completable {
  /** The words that lead to it, the program's name first. */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  /** Its own. The flags of its parent commands may follow its name as well. */
  readonly flags: readonly CompletableFlag[];
  /** In order. */
  readonly operands: readonly Value[];
  /** Each operand after those. */
  readonly furtherOperands: Value;
}

/** `command` and all its subcommands, parents first, with what their `--help` shows. */
export const completables = (command: Command, above: readonly string[] = []): readonly Completable[] => {
  const help = command.createHelp();
  const path = [...above, command.name()];
  const commands = help.visibleCommands(command);
  const operands = command.registeredArguments.map((each) => valueNamed(each.name(), each.argChoices));
  const isVariadic = command.registeredArguments.at(-1)?.variadic ?? false;
  const own: Completable = {
    path,
    commands: commands.map((each) => ({ name: each.name(), description: shortened(each.description()) })),
    // Every command has --help; listing it once, for the program, is enough.
    flags: help
      .visibleOptions(command)
      .filter(({ long }) => above.length === 0 || long !== '--help')
      .map(completableFlag),
    operands,
    furtherOperands: (isVariadic ? operands.at(-1) : undefined) ?? 'nothing',
  };
  // The implicit `help` command has no subcommands.
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

/** Judged by the name of the value in `--help`. */
const valueNamed = (word: string, choices: readonly string[] | undefined): Value => {
  if (choices !== undefined) return choices;
  if (word.includes('|')) return word.split('|');
  if (/\b(?:files?|path|module|charts?|machines?|traces?|reports?|old|new)\b/.test(word)) return 'file';
  return /\bdir\b/.test(word) ? 'directory' : 'nothing';
};

/** Its first clause: each candidate gets a single line. */
const shortened = (description: string): string =>
  description
    .split(/; | \(/)[0]!
    .replaceAll(/\s+/g, ' ')
    .replace(/[.:]$/, '');
