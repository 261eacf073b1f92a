import { parentPort, workerData } from 'node:worker_threads';
import { pagePathsOf } from '../../page/data/page-paths.ts';
import { type GenerateOptions, generatePaths } from '../../verify/paths/generate-paths.ts';

/** What this thread tells: how far it is, and at last the text of the page's file. */
export type PathsMessage = { readonly done: number; readonly all: number } | { readonly text: string };

const tell = (message: PathsMessage): void => parentPort!.postMessage(message);

/** Generates tests, which takes some seconds. */
const options = workerData as GenerateOptions;
const generated = generatePaths({ ...options, onSearch: (done, all) => tell({ done, all }) });
tell({ text: JSON.stringify(pagePathsOf(generated)) });
