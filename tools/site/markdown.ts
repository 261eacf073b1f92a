/** How the documents of the repository are read where they are pages of the site. */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';
import { fileOf, targetOf } from './addresses.ts';

export interface Reading {
  readonly root: string;
  /** Where the site is: `/`, or `/raftchart/`. */
  readonly base: string;
  /** Where people read the sources, up to the path of a file; null where nobody does. */
  readonly sources: string | null;
  /** By file, the part of an address of the playground that opens it. */
  readonly stories: ReadonlyMap<string, string>;
  /** The charts that can be looked at live. */
  readonly charts: ReadonlySet<string>;
}

/** What VitePress knows of the page that is rendered. */
interface Env {
  readonly relativePath: string;
}

type Tokens = Parameters<MarkdownRenderer['renderer']['render']>[0];

export const readDocuments = (md: MarkdownRenderer, reading: Reading): void => {
  const fileIn = (env: Env): string => fileOf(env.relativePath);
  md.core.ruler.before('normalize', 'pictures', (state) => {
    state.src = withPictures(state.src, fileIn(state.env), reading);
  });
  md.core.ruler.push('links', ({ tokens, env }) => {
    for (const { children } of tokens) leadLinks(children ?? [], fileIn(env), reading);
  });
  linkCode(md, reading.base);
};

/** Links lead to where the site has what they name. What it does not have is named, and not linked, unless people read the sources somewhere. */
const leadLinks = (tokens: Tokens, file: string, { root, base, sources, stories }: Reading): void => {
  let isUnlinked = false;
  for (const token of tokens) {
    if (token.type === 'link_open') {
      const href = token.attrGet('href') ?? '';
      isUnlinked = false;
      if (/^[a-z]+:|^#/.test(href)) continue;
      const target = targetOf(root, file, href, stories);
      if (target.kind === 'page') token.attrSet('href', target.path);
      else if (target.kind === 'file') {
        token.attrSet('href', `${base}${target.path}`);
        token.attrSet('target', '_self');
      } else if (sources !== null) token.attrSet('href', `${sources}${target.path}`);
      else isUnlinked = true;
    }
    if (!isUnlinked || (token.type !== 'link_open' && token.type !== 'link_close')) continue;
    token.type = token.type === 'link_open' ? 'span_open' : 'span_close';
    token.tag = 'span';
    token.attrs = null;
  }
};

const picture =
  /<picture><source media="\(prefers-color-scheme: dark\)" srcset="([^"]+)"><img alt="([^"]+)" src="([^"]+)"><\/picture>/g;

/** A picture is the one of the site's theme, waits until it is near, and leads to itself in full, or to the chart. */
const withPictures = (html: string, file: string, { root, base, charts }: Reading): string =>
  html.replaceAll(picture, (_, dark: string, alt: string, light: string) => {
    const image = (source: string, theme: string): string => {
      const path = posix.join(posix.dirname(file), source);
      const [, width, height] = /^<svg[^>]*\bwidth="([\d.]+)"[^>]*\bheight="([\d.]+)"/.exec(
        readFileSync(join(root, path), 'utf8'),
      ) ?? ['', '', ''];
      const chart = /^diagrams\/([\w-]+)\/(\w+)\./.exec(path);
      const address =
        chart !== null && charts.has(chart[1]!) ? `charts/index.html#/${chart[1]}/${chart[2]}` : path;
      const title = address === path ? 'Open the picture' : 'Open as a live chart';
      return `<a class="picture ${theme}-only" href="${base}${address}" target="_self" title="${title}"><img loading="lazy" alt="${alt}" src="${base}${path}" width="${width}" height="${height}"></a>`;
    };
    return `${image(light, 'light')}${image(dark, 'dark')}`;
  });

/** In a block of code that says so, names lead to where they are explained. */
const linkCode = (md: MarkdownRenderer, base: string): void => {
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (tokens, at, options, env, self) => {
    const token = tokens[at]!;
    const [, language, links] = /^(\w+) links:(\S+)$/.exec(token.info.trim()) ?? [];
    if (language === undefined) return fence!(tokens, at, options, env, self);
    token.info = language;
    const places = new Map(links!.split(',').map((link) => link.split('@') as [string, string]));
    return fence!(tokens, at, options, env, self).replaceAll(/(?<=>)[^<>]+(?=<)/g, (text) =>
      text.replaceAll(/(?<![\w.])[A-Za-z_]\w*(?!\w)/g, (word) => {
        const place = places.get(word);
        return place === undefined
          ? word
          : `<a href="${base}api/${place.replace('#', '.html#')}">${word}</a>`;
      }),
    );
  };
};
