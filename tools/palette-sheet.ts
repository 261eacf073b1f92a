import type { Plugin } from 'vite';
import { palettes, type Theme } from '../src/statechart/draw/palette.ts';
import { fontFamilies } from '../src/statechart/draw/text-metrics.ts';

const paletteId = 'virtual:palette.css';

/** The colours and fonts of the diagrams as a style sheet, so that a page and the pictures never differ. */
export const paletteSheet = (): Plugin => ({
  name: 'raftchart-palette',
  resolveId: (id) => (id === paletteId ? `\0${paletteId}` : null),
  load: (id) => (id === `\0${paletteId}` ? sheet() : null),
});

const sheet = (): string => {
  const variables = (theme: Theme): string =>
    Object.entries(palettes[theme])
      .map(([name, colour]) => `--${name}:${colour};`)
      .join('');
  const paints = Object.keys(palettes.light).map(
    (name) => `.drawing .fill-${name}{fill:var(--${name})}.drawing .stroke-${name}{stroke:var(--${name})}`,
  );
  const fonts = Object.entries(fontFamilies).map(([face, family]) => `.${face}{font-family:${family}}`);
  return [
    `:root{color-scheme:light;${variables('light')}--code:${fontFamilies.code};--prose:${fontFamilies.prose}}`,
    `:root[data-theme=dark]{color-scheme:dark;${variables('dark')}}`,
    `@media (prefers-color-scheme:dark){:root[data-theme=auto]{color-scheme:dark;${variables('dark')}}}`,
    ...paints,
    ...fonts,
  ].join('\n');
};
