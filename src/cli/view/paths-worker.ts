import { parentPort, workerData } from 'node:worker_threads';
import { pagePathsOf } from '../../page/data/page-paths.ts';
import { type GenerateOptions, generatePaths } from '../../verify/paths/generate-paths.ts';

/** Generates tests, which takes some seconds, and answers with the text of the page's file. */
parentPort!.postMessage(JSON.stringify(pagePathsOf(generatePaths(workerData as GenerateOptions))));
