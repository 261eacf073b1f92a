import type TypeScript from 'typescript';
import { optionalPackage } from '../missing-package.ts';

export type Compiler = typeof TypeScript;

/** The TypeScript compiler, loaded only where sources are compared or shown: it takes half a second. Rejects with `PackageMissing`. */
export const loadTypeScript = async (): Promise<Compiler> =>
  (await optionalPackage('typescript', 'reading the sources of a machine', () => import('typescript')))
    .default;
