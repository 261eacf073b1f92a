/** `node:path` in a browser. */
export { basename, default, dirname, join, resolve } from 'path-browserify';
