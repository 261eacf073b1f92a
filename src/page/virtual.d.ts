/** Colours of `src/statechart/draw/palette.ts` as CSS variables, written when the page is built. */
declare module 'virtual:palette.css';
