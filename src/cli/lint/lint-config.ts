import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Setting } from '../../statechart/lint/lint.ts';
import { rules } from '../../statechart/lint/rules.ts';
import { UsageError } from '../usage-error.ts';

const fileName = 'raftchart-lint.json';
const choices: readonly Setting[] = ['off', 'info', 'warning', 'error'];

export type Settings = Readonly<Record<string, Setting>>;

/** What the config at `path`, or else the one nearest to a machine in `directory`, says of rules. Throws `UsageError`. */
export const readSettings = (directory: string, path: string | undefined): Settings => {
  const found = path ?? nearest(resolve(directory));
  return found === null ? {} : settingsIn(found);
};

/** Up to the root of the repository, or of the file system where there is none. */
const nearest = (directory: string): string | null => {
  const path = join(directory, fileName);
  if (existsSync(path)) return path;
  const parent = dirname(directory);
  return parent === directory || existsSync(join(directory, '.git')) ? null : nearest(parent);
};

const settingsIn = (path: string): Settings => {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR') throw new UsageError(`${path} is a directory: name a configuration file`);
    throw new UsageError(
      code === 'ENOENT' ? `there is no file ${path}` : `${path} cannot be read: ${message.split('\n')[0]}`,
    );
  }
  const shape = `{ "rules": { "${rules[0]!.name}": "off" } }`;
  if (!isRecord(value) || Object.keys(value).some((key) => key !== 'rules' && key !== '$schema'))
    throw new UsageError(`${path} is no configuration of lint: write ${shape}`);
  const own = value.rules ?? {};
  if (!isRecord(own)) throw new UsageError(`${path}: rules must be an object: write ${shape}`);
  return Object.fromEntries(
    Object.entries(own).map(([name, setting]) => [
      checkedRule(name, path),
      checkedSetting(setting, name, path),
    ]),
  );
};

/** Reads `NAME=SETTING` of `--rule`. Throws `UsageError`. */
export const parseRuleFlag = (text: string): readonly [name: string, setting: Setting] => {
  const [name = '', setting, ...rest] = text.split('=');
  if (setting === undefined || rest.length > 0)
    throw new UsageError(`--rule ${text}: write NAME=off, NAME=info, NAME=warning or NAME=error`);
  return [checkedRule(name, '--rule'), checkedSetting(setting, name, '--rule')];
};

const checkedRule = (name: string, where: string): string => {
  if (rules.some((rule) => rule.name === name)) return name;
  throw new UsageError(
    `${where}: there is no rule ${name}; rules: ${rules.map((rule) => rule.name).join(', ')}`,
  );
};

const checkedSetting = (setting: unknown, name: string, where: string): Setting => {
  const found = choices.find((choice) => choice === setting);
  if (found !== undefined) return found;
  throw new UsageError(`${where}: ${name} cannot be ${JSON.stringify(setting)}; write ${choices.join(', ')}`);
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
