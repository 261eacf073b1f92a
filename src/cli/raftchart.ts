#!/usr/bin/env node
import { startProgram } from './start-program.ts';

await startProgram(() => import('./chart-main.ts'), 2);
