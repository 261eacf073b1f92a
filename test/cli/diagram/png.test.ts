import { Resvg } from '@resvg/resvg-js';
import { expect, it, vi } from 'vitest';
import { toPng } from '../../../src/cli/diagram/png.ts';

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"/>';

it('a PNG has two pixels for each of the SVG', async () => {
  const header = new DataView((await toPng(svg)).slice(0, 24).buffer);
  expect([header.getUint32(16), header.getUint32(20)]).toEqual([60, 40]);
});

it('a PNG is refused where no font is installed', async () => {
  const box = vi.spyOn(Resvg.prototype, 'getBBox').mockReturnValue(undefined);
  try {
    await expect(toPng(svg)).rejects.toThrow(
      '--format png finds no font on this machine: install one, such as fonts-dejavu',
    );
  } finally {
    box.mockRestore();
  }
});
