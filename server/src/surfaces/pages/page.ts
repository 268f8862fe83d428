import { type Html, html } from './html.ts';
import { STYLESHEET } from './stylesheet.ts';

export interface Page {
  readonly status: number;
  /** Of the window; the heading says it too, in the words of a person. */
  readonly title: string;
  readonly content: Html;
  /** Below the card. */
  readonly footer?: Html | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const MARK = html`<svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor"
 stroke-width="2" stroke-linejoin="round" stroke-linecap="round"><path d="M5 21V8l2-2.5L9 8v13z
M15 21V8l2-2.5L19 8v13zM2 12h3m4 0h6m4 0h3M2 17h3m4 0h6m4 0h3"/></svg>`;

/** The whole document. It loads nothing. */
export function renderPage({ title, content, footer }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Backyard</title>
<style>${STYLESHEET}</style>
</head>
<body>
<header>${MARK}<span>Backyard</span></header>
<main>
${content}
</main>
${footer && html`<footer>${footer}</footer>`}
</body>
</html>
`.text;
}
