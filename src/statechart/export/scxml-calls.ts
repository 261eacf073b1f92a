import type { Written } from '../read/written.ts';
import { asExpression, quoted } from './xml-text.ts';

/*
 * What a document cannot say itself it calls: functions that whoever runs it provides. `guards`, `actions` and `delays` hold them by the
 * names of the chart, `functions` those without a name by their place in it. docs/formats.md, SCXML, says what each is given and returns.
 */

type Kind = 'guards' | 'actions' | 'delays';

/** `guards.isReady(context, _event)` */
export const callOf = (kind: Kind, name: string, params: string | null = null): string =>
  called(`${kind}${isIdentifier(name) ? `.${name}` : `[${quoted(name)}]`}`, params);

/** `functions['lamp.lit/entry/0'](context, _event)` */
export const callAt = (place: string, params: string | null = null): string =>
  called(`functions[${quoted(place)}]`, params);

const called = (name: string, params: string | null): string =>
  `${name}(context, _event${params === null ? '' : `, ${params}`})`;

const isIdentifier = (name: string): boolean => /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name);

/** A value as it is, or the call of the function that computes it, or makes it where JSON cannot say it. */
export const expressionOf = (written: Written, place: string, params: string | null = null): string =>
  isJson(written) ? asExpression(written.json) : callAt(place, params);

export const isJson = (written: Written): written is Extract<Written, { kind: 'value' }> & { json: string } =>
  written.kind === 'value' && written.json !== null;
