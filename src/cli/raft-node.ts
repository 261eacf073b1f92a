#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --max-semi-space-size=16 --heap-growing-percent=50
import { startProgram } from './start-program.ts';

await startProgram(() => import('./node/main.ts'), 1);
