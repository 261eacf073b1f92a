import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ModelName, modelNames } from '../../check/models/built-in.ts';
import { type Model, UnusableModel } from '../../check/models/model.ts';
import { modelOfModule } from '../../check/models/model-of-module.ts';
import { UsageError } from '../usage-error.ts';

/** A model by its name, or the one that a module exports. Rejects with `UsageError`. */
export const loadModel = async (
  nameOrPath: string,
): Promise<ModelName | { readonly name: string; readonly model: Model }> => {
  const name = modelNames.find((each) => each === nameOrPath);
  if (name !== undefined) return name;
  const path = resolve(nameOrPath);
  if (!existsSync(path)) {
    throw new UsageError(`no model and no file called ${nameOrPath}; models: ${modelNames.join(', ')}`);
  }
  try {
    return { name: nameOrPath, model: modelOfModule(await import(pathToFileURL(path).href)) };
  } catch (error) {
    const problem = error instanceof UnusableModel ? '' : 'cannot be loaded: ';
    throw new UsageError(
      `${nameOrPath}: ${problem}${String((error as Error)?.message ?? error).split('\n')[0]}`,
    );
  }
};
