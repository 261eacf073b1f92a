import { citationsOf } from './citations.ts';

/** Where a rule comes from, with links to the documents. */
export const Source = ({ rule }: { readonly rule: string }) => (
  <span class="source">
    {citationsOf(rule).map(({ text, href }, at) =>
      href === null ? (
        text
      ) : (
        <a key={at} href={href} target="_blank" rel="noreferrer">
          {text}
        </a>
      ),
    )}
  </span>
);
