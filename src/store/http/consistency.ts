/** What a read promises; docs/http-api.md, Consistency. */
export type Consistency = 'linearizable' | 'lease' | 'stale';

const all: readonly string[] = ['linearizable', 'lease', 'stale'] satisfies readonly Consistency[];
export const isConsistency = (text: string): text is Consistency => all.includes(text);

/** What the query of a read asks for (null: there is none), or a sentence for the client if it makes no sense. */
export const consistencyIn = (query: string | null): { readonly consistency: Consistency } | string => {
  let consistency: Consistency | null = null;
  for (const [name, value] of new URLSearchParams(query ?? '')) {
    if (name !== 'consistency')
      return `unknown query parameter ${quoted(name)}: a read takes consistency only`;
    if (consistency !== null) return 'consistency is given twice';
    if (!isConsistency(value)) return `consistency is linearizable, lease or stale, not ${quoted(value)}`;
    consistency = value;
  }
  return { consistency: consistency ?? 'linearizable' };
};

const quoted = (text: string): string => JSON.stringify(text.slice(0, 40));
