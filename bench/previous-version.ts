import { rmSync } from 'node:fs';
import { previousVersion } from '../test/processes/previous-version.ts';
import { comparePaired } from './paired-clusters.ts';

const previous = previousVersion();
if (previous === null) process.exit(1);
console.log('this version ("with") and the one before ("without")');
await comparePaired({ program: previous.node }, {}, () => {});
rmSync(previous.folder, { recursive: true });
