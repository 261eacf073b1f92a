import { createRequire } from 'node:module';

/** The package's own version: found by self-reference, since source and `dist/` lie at different depths. */
export const version: string = createRequire(import.meta.url)('raftchart/package.json').version;
