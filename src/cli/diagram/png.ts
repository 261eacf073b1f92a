import { optionalPackage } from '../../statechart/missing-package.ts';
import { UsageError } from '../usage-error.ts';

/** Pixels for each of the SVG: sharp on most screens and in slides. */
const scale = 2;

/** An SVG as a PNG, for chats and slides. Rejects with `PackageMissing`; with `UsageError` where no font is installed, since no text would be seen. */
export const toPng = async (svg: string): Promise<Uint8Array> => {
  const { Resvg } = await optionalPackage('@resvg/resvg-js', '--format png', () => import('@resvg/resvg-js'));
  const options = { font: { loadSystemFonts: true }, fitTo: { mode: 'zoom', value: scale } } as const;
  if (new Resvg(letter, options).getBBox() === undefined)
    throw new UsageError('--format png finds no font on this machine: install one, such as fonts-dejavu');
  return new Resvg(svg, options).render().asPng();
};

const letter = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9">M</text></svg>';
