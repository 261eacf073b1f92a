import { parentPort, workerData } from 'node:worker_threads';
import { pagePathsOf } from '../../page/data/page-paths.ts';
import { keptPaths, type PathOptions } from '../paths/kept-paths.ts';

/** What this thread tells: how far it is, and at last the text of the page's file. */
export type PathsMessage = { readonly done: number; readonly all: number } | { readonly text: string };

const tell = (message: PathsMessage): void => parentPort!.postMessage(message);

/** What this thread is told to generate. */
export type PathsTask = PathOptions & { readonly isKept?: boolean };

/** Generates tests, which takes some seconds unless they are kept. */
const { isKept = true, ...options } = workerData as PathsTask;
const generated = keptPaths(options, { isKept, onSearch: (done, all) => tell({ done, all }) });
tell({ text: JSON.stringify(pagePathsOf(generated)) });
