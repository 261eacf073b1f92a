#!/usr/bin/env -S node --max-semi-space-size=8 --heap-growing-percent=50 --no-allocation-site-pretenuring
import { startProgram } from './start-program.ts';

await startProgram(() => import('./node/main.ts'), 1);
