import { excerpt, shortened } from '../excerpt.ts';
import { isFields } from '../recording.ts';
import { type Model, UnusableModel } from './model.ts';

/** The model that a module exports, by itself or as its default. Throws `UnusableModel`. */
export const modelOfModule = (exported: Readonly<Record<string, unknown>>): Model => {
  const parts = isFields(exported.default) ? exported.default : exported;
  if (!('init' in parts)) throw new UnusableModel('it exports no init');
  if (typeof parts.step !== 'function') throw new UnusableModel('it exports no function step');
  for (const name of ['partition', 'equal', 'isReadOnly', 'describe', 'describeState']) {
    const part = parts[name];
    if (part !== undefined && typeof part !== 'function') {
      throw new UnusableModel(`its ${name} is ${excerpt(part)}, not a function`);
    }
  }
  return parts as unknown as Model;
};

/** Calls a part of a model. What it throws becomes one line. */
export const asked = <Answer>(part: string, ask: () => Answer): Answer => {
  try {
    return ask();
  } catch (error) {
    if (error instanceof UnusableModel) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw new UnusableModel(`${part} throws: ${shortened(text.split('\n')[0]!, 120)}`);
  }
};
