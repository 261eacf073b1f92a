import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { chartCommand } from '../../../src/cli/chart-main.ts';
import { clientCommand } from '../../../src/cli/client/client-command.ts';
import { commandsDocument } from '../../../src/cli/diagram/commands-document.ts';
import { exitCodeHelp } from '../../../src/cli/exit-codes.ts';
import { nodeCommand } from '../../../src/cli/node/node-command.ts';

interface Named {
  readonly name: string;
  readonly command: Command;
}

const allOf = (command: Command, above = ''): readonly Named[] => {
  const name = `${above}${command.name()}`;
  return [{ name, command }, ...command.commands.flatMap((each) => allOf(each, `${name} `))];
};

const programs = [chartCommand(), nodeCommand('1.0.0'), clientCommand('1.0.0', () => {})];
const commands = programs.flatMap((each) => allOf(each));

/** By the name of a command, the text below its heading. */
const sectionsIn = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split(/^#{2,4} /m)
      .slice(1)
      .map((section) => [section.slice(0, section.indexOf('\n')), section]),
  );

describe('docs/commands.md', () => {
  const { path, content } = commandsDocument();
  const sections = sectionsIn(content);

  it('has each command of each program, and no other', () => {
    expect(path).toBe('docs/commands.md');
    expect([...sections.keys()]).toEqual(commands.map(({ name }) => name));
  });

  it.each(commands)('has each argument, option, choice and variable of $name', ({ name, command }) => {
    const section = sections.get(name)!;
    for (const { flags, long, argChoices = [], envVar, hidden } of command.options) {
      if (hidden || long === '--version') continue;
      expect(section).toContain(`\`${flags.replaceAll('|', '\\|')}\``);
      for (const choice of argChoices) expect(section).toContain(`\`${choice}\``);
      if (envVar !== undefined) expect(section).toContain(`\`${envVar}\``);
    }
    for (const argument of command.registeredArguments) {
      if (argument.description !== '') expect(section).toMatch(new RegExp(`\\| \`[<[]${argument.name()}`));
    }
  });

  it('says which commands take the options of their program as well', () => {
    for (const name of ['raft-client put', 'raft-client member add'])
      expect(sections.get(name)).toContain(
        '\nIt takes the options of [`raft-client`](#raft-client) as well.\n',
      );
    expect(content).not.toContain('the options of [`raftchart`]');
  });

  it('has what --help says of exit codes', () => {
    expect(sections.get('raftchart')).toContain('Exit codes: 0 everything holds');
    for (const name of ['raft-node', 'raft-client']) expect(sections.get(name)).toContain(exitCodeHelp());
  });

  it('has defaults, but not those of the machine that wrote it', () => {
    expect(sections.get('raftchart view')).toContain(
      '| `--port <port>` | port on this machine; 0: any free one; default `8100` |',
    );
    expect(sections.get('raftchart simulate')).toContain('threads for --seeds; default `one per core`');
  });
});
