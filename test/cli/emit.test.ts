import { afterEach, expect, it, vi } from 'vitest';
import { emit } from '../../src/cli/emit.ts';

const { isTTY } = process.stdout;
afterEach(() => {
  process.stdout.isTTY = isTTY;
  vi.restoreAllMocks();
});

it('what is no text is not written to a terminal, and text is', () => {
  process.stdout.isTTY = true;
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  expect(() => emit(Uint8Array.of(1), undefined)).toThrow(
    'a PNG is not for a terminal: write it to a file with -o FILE',
  );
  emit('text', undefined);
  process.stdout.isTTY = false;
  emit(Uint8Array.of(2), undefined);
  expect(written.mock.calls).toEqual([['text'], [Uint8Array.of(2)]]);
});
