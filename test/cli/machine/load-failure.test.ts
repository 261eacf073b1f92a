import { describe, expect, it } from 'vitest';
import { type KnownAtLoad, loadFailure } from '../../../src/cli/machine/load-failure.ts';

const withoutTypeScript: KnownAtLoad = { typeScript: () => null, placeOfSyntaxError: () => 'app/door.ts:1' };

describe('why a module does not load', () => {
  it.each(['Cannot use import statement outside a module', "Unexpected token 'export'"])(
    'names "type": "module" and TypeScript, without which %s',
    (text) => {
      const error = new SyntaxError(text);
      error.stack = '';
      expect(loadFailure(error, withoutTypeScript)).toMatch(
        /^.*\(app\/door\.ts:1\); its package\.json says that it is CommonJS: write "type": "module" there, or install TypeScript: npm install /,
      );
    },
  );
});
