import { readFileSync } from 'node:fs';
import { SourceRefused, shown } from './load-failure.ts';

/** A module of a JSON file as bundlers have it: the whole as its default export, the keys of an object as named ones. */
export const jsonSource = (path: string): string => {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new SourceRefused(`${shown(path)} is not JSON: ${(error as Error).message}`);
  }
  const keys = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  return [
    `const value = ${JSON.stringify(value)};`,
    'export default value;',
    ...keys
      .filter((key) => key !== 'default' && key.isWellFormed())
      .map(
        (key, at) =>
          `const key${at} = value[${JSON.stringify(key)}]; export { key${at} as ${JSON.stringify(key)} };`,
      ),
    '',
  ].join('\n');
};
