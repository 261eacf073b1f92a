import { UsageError } from '../usage-error.ts';

/** A module without any machine: a mistake where a machine was asked for, and none where all files of a change are gone through. */
export class NoMachine extends UsageError {}
