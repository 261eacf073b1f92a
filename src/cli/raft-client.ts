#!/usr/bin/env node
import { startProgram } from './start-program.ts';

await startProgram(() => import('./client/main.ts'), 1);
