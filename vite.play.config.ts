import { defineConfig, type Plugin } from 'vite';
import { paletteSheet } from './tools/palette-sheet.ts';
import { roleChartModule } from './tools/role-chart-module.ts';

const root = `${import.meta.dirname}/src/page/play`;

/** A page that is opened as a file may load classic scripts, but no modules. */
const classicScript = (): Plugin => ({
  name: 'raftchart-classic-script',
  enforce: 'post',
  transformIndexHtml: (html) =>
    html
      .replace(/<script type="module" crossorigin/g, '<script defer')
      .replace(/<link rel="stylesheet" crossorigin/g, '<link rel="stylesheet"'),
});

/** What takes the place of Node.js in a browser. */
const standIns = Object.entries({
  'node:path': 'path',
  'node:zlib': 'zlib',
  'node:crypto': 'crypto',
  'node:fs': 'no-system',
  'node:net': 'no-system',
}).map(([find, file]) => ({ find, replacement: `${root}/stand-ins/${file}.ts` }));

export default defineConfig({
  root,
  base: './',
  plugins: [paletteSheet(), roleChartModule(), classicScript()],
  resolve: { alias: [...standIns, { find: /^buffer$/, replacement: 'buffer/' }] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'iife' },
  build: {
    outDir: `${import.meta.dirname}/dist/play`,
    emptyOutDir: true,
    target: 'es2024',
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // One file, the worker in it.
    chunkSizeWarningLimit: 1000,
    rolldownOptions: { output: { format: 'iife' }, checks: { pluginTimings: false } },
  },
});
