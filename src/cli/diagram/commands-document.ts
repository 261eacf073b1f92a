import type { Argument, Command, Option } from 'commander';
import { chartCommand } from '../chart-main.ts';
import { clientCommand } from '../client/client-command.ts';
import { nodeCommand } from '../node/node-command.ts';
import { version } from '../version.ts';
import type { GeneratedFile } from './diagram-files.ts';

/** The page that tells of a command, where it is not that of its program. */
const guides: Readonly<Record<string, string>> = {
  'raft-client': 'cluster.md',
  'raft-client backup': 'backup.md',
  'raft-client member': 'cluster.md#members',
  'raft-node': 'cluster.md',
  'raftchart certs': 'security.md',
  'raftchart cluster': 'cluster.md',
  'raftchart coverage': 'paths.md',
  'raftchart diagram': 'any-machine.md',
  'raftchart diff': 'diff.md',
  'raftchart explore': 'explorer.md',
  'raftchart inspect-log': 'backup.md',
  'raftchart merge': 'simulator.md',
  'raftchart paths': 'paths.md',
  'raftchart play': 'playground.md',
  'raftchart repair': 'backup.md',
  'raftchart restore': 'backup.md',
  'raftchart scenario': 'stories.md',
  'raftchart simulate': 'simulator.md',
  'raftchart test': 'model-testing.md',
  'raftchart token': 'security.md',
  'raftchart validate': 'traces.md',
  'raftchart view': 'inspector.md',
};

/** `docs/commands.md`: all programs with their commands, arguments and options, as their `--help` has them. */
export const commandsDocument = (): GeneratedFile => {
  const programs = [chartCommand(), nodeCommand(version), clientCommand(version, () => {})];
  const content = [
    '# Commands',
    '',
    'Generated from the definitions of the commands by `npm run fix`. `--help` after any of them prints the same in a terminal. In your own project each begins with `npx`.',
    '',
    ...programs.flatMap((program) => [
      `- [\`${program.name()}\`](#${anchor(program.name())}): ${program.description()}`,
    ]),
    '',
    ...programs.flatMap((program) => commandSection(program, [])),
  ].join('\n');
  return { path: 'docs/commands.md', content: `${content.trimEnd()}\n` };
};

const commandSection = (command: Command, above: readonly string[]): readonly string[] => {
  const help = command.createHelp();
  const path = [...above, command.name()];
  const name = path.join(' ');
  const below = command.commands;
  const options = help
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help' && long !== '--version');
  const guide = command.description().includes('docs/') ? undefined : guides[name];
  return [
    `${'#'.repeat(Math.min(path.length + 1, 4))} ${name}`,
    '',
    `${sentence(command.description())}${guide === undefined ? '' : ` More: [${guide.replace(/#.*/, '')}](${guide}).`}`,
    '',
    '```',
    [...above, command.name(), command.usage()].join(' '),
    '```',
    '',
    ...argumentTable(command.registeredArguments),
    ...optionTable(options),
    ...(above.length > 0 && takesOptionsOfProgram(programOf(command))
      ? [`It takes the options of [\`${above[0]}\`](#${anchor(above[0]!)}) as well.`, '']
      : []),
    ...commandTable(below, path),
    ...helpText(command),
    ...below.flatMap((each) => commandSection(each, path)),
  ];
};

const programOf = (command: Command): Command =>
  command.parent === null ? command : programOf(command.parent);

const takesOptionsOfProgram = (program: Command): boolean =>
  program.options.some(({ long }) => long !== '--version');

const argumentTable = (all: readonly Argument[]): readonly string[] =>
  all.some(({ description }) => description !== '')
    ? table(
        ['Argument', 'Meaning'],
        all.map((each) => [
          code(each.required ? `<${termOf(each)}>` : `[${termOf(each)}]`),
          withChoices(each.description, each.argChoices, defaultOf(each)),
        ]),
      )
    : [];

const termOf = (each: Argument): string => `${each.name()}${each.variadic ? '...' : ''}`;

const optionTable = (options: readonly Option[]): readonly string[] => {
  const hasVariables = options.some(({ envVar }) => envVar !== undefined);
  return options.length === 0
    ? []
    : table(
        ['Option', 'Meaning', ...(hasVariables ? ['Variable'] : [])],
        options.map((each) => [
          code(each.flags),
          withChoices(
            each.mandatory ? `${each.description} (required)` : each.description,
            each.argChoices,
            defaultOf(each),
          ),
          ...(hasVariables ? [each.envVar === undefined ? '' : code(each.envVar)] : []),
        ]),
      );
};

const commandTable = (commands: readonly Command[], path: readonly string[]): readonly string[] =>
  commands.length === 0
    ? []
    : table(
        ['Command', 'What it does'],
        commands.map((each) => {
          const name = [...path, each.name()].join(' ');
          return [`[\`${name}\`](#${anchor(name)})`, escaped(each.description())];
        }),
      );

const withChoices = (
  description: string,
  choices: readonly string[] | undefined,
  byDefault: string | null,
): string =>
  [
    ...(description === '' ? [] : [escaped(description)]),
    ...(choices === undefined ? [] : [`one of ${choices.map(code).join(', ')}`]),
    ...(byDefault === null ? [] : [`default ${byDefault}`]),
  ].join('; ');

const defaultOf = ({ defaultValue, defaultValueDescription }: Option | Argument): string | null => {
  if (defaultValueDescription !== undefined) return code(defaultValueDescription);
  // A flag that is off, or a list that is empty, unless somebody asks for more.
  const isNothing =
    defaultValue === undefined ||
    defaultValue === false ||
    (Array.isArray(defaultValue) && defaultValue.length === 0);
  return isNothing ? null : code(String(defaultValue));
};

/** What `--help` says after its lists. */
const helpText = (command: Command): readonly string[] => {
  let printed = '';
  command.configureOutput({
    writeOut: (text) => {
      printed += text;
    },
  });
  command.outputHelp();
  const listed = command.helpInformation();
  const after = printed.slice(printed.indexOf(listed) + listed.length).trim();
  return after === '' ? [] : ['```text', after, '```', ''];
};

const table = (head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] => [
  row(head),
  `|${'---|'.repeat(head.length)}`,
  ...rows.map(row),
  '',
];

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')).join(' | ')} |`;

const code = (text: string): string => `\`${text}\``;

/** Without what a reader of Markdown would take for a tag, or for a word to be stressed; a page of `docs/` is linked. */
const escaped = (text: string): string =>
  text
    .replaceAll(/<([\w:-]+)>/g, '`<$1>`')
    .replaceAll('*', '\\*')
    .replaceAll(/\bdocs\/([\w-]+\.md)/g, '[$1]($1)');

const sentence = (text: string): string => {
  const begun = escaped(text).replace(/^[a-z]/, (letter) => letter.toUpperCase());
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
};

const anchor = (heading: string): string => heading.toLowerCase().replaceAll(' ', '-');
