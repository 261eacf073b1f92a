import { parentPort, workerData } from 'node:worker_threads';
import { type GenerateOptions, generatePaths } from '../../model/paths/generate-paths.ts';
import { pagePathsOf } from '../../view/page-paths.ts';

/** Generates tests, which takes some seconds, and answers with the text of the page's file. */
parentPort!.postMessage(JSON.stringify(pagePathsOf(generatePaths(workerData as GenerateOptions))));
