import { defineConfig, type Plugin } from 'vite';
import { buildData } from './src/cli/view/build-data.ts';
import { paletteSheet } from './tools/palette-sheet.ts';

/** Lays all charts out and puts the coordinates beside the page, as files that it loads when it needs them. */
const chartData = (): Plugin => ({
  name: 'raftchart-data',
  async generateBundle() {
    for (const { path, content } of await buildData(import.meta.dirname)) {
      this.emitFile({ type: 'asset', fileName: path, source: content });
    }
  },
});

export default defineConfig({
  root: `${import.meta.dirname}/src/page`,
  base: './',
  plugins: [chartData(), paletteSheet()],
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
