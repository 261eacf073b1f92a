import { defineConfig, type Plugin } from 'vite';
import { buildData } from './src/cli/view/build-data.ts';
import { palettes, type Theme } from './src/statechart/draw/palette.ts';
import { fontFamilies } from './src/statechart/draw/text-metrics.ts';

/** Lays all charts out and puts the coordinates beside the page, as files that it loads when it needs them. */
const chartData = (): Plugin => ({
  name: 'raftchart-data',
  async generateBundle() {
    for (const { path, content } of await buildData(import.meta.dirname)) {
      this.emitFile({ type: 'asset', fileName: path, source: content });
    }
  },
});

const paletteId = 'virtual:palette.css';

/** The colours and fonts of the diagrams as a style sheet, so that the page and the pictures never differ. */
const palette = (): Plugin => ({
  name: 'raftchart-palette',
  resolveId: (id) => (id === paletteId ? `\0${paletteId}` : null),
  load: (id) => (id === `\0${paletteId}` ? paletteSheet() : null),
});

const paletteSheet = (): string => {
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

export default defineConfig({
  root: `${import.meta.dirname}/src/page`,
  base: './',
  plugins: [chartData(), palette()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: `${import.meta.dirname}/dist/page`,
    emptyOutDir: true,
    target: 'es2024',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Laying the charts out is what the time goes to.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
