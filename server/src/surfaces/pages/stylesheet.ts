import { hash } from 'node:crypto';
import { html } from './html.ts';

/** The one stylesheet of all pages; it stands inside each, so that a page is one answer. */
export const STYLESHEET = html`
:root {
  color-scheme: light dark;
  --ground: #f3f5f1; --card: #fff; --text: #1b211d; --soft: #57625a; --line: #d6dcd5; --edge: #8a958d;
  --accent: #2c6a45; --accent-strong: #22543a; --on-accent: #fff; --focus: #1a63d8;
  --warn: #fdf5df; --warn-line: #dfc071; --warn-text: #574103;
  --bad: #fdeeec; --bad-line: #e3a59d; --bad-text: #8c2519;
  --shadow: 0 1px 2px rgb(20 30 24 / 8%), 0 12px 32px rgb(20 30 24 / 7%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121613; --card: #1b201c; --text: #e7ece8; --soft: #a5b0a8; --line: #343c36; --edge: #6e7a72;
    --accent: #82c99b; --accent-strong: #9bdab1; --on-accent: #0c1d13; --focus: #8ab8ff;
    --warn: #2b2613; --warn-line: #6d5a20; --warn-text: #f0dba0;
    --bad: #321a17; --bad-line: #7d3a31; --bad-text: #f7b9b0;
    --shadow: none;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; padding: 2.5rem 1rem;
  display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 1.25rem;
  background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: anywhere;
}
header { display: flex; align-items: center; gap: .5rem; font-weight: 650; letter-spacing: .01em; }
header svg { width: 1.75rem; height: 1.75rem; color: var(--accent); }
main {
  width: 100%; max-width: 25.5rem; padding: 2rem; border: 1px solid var(--line); border-radius: 14px;
  background: var(--card); box-shadow: var(--shadow);
}
footer { max-width: 25.5rem; color: var(--soft); font-size: .9375rem; text-align: center; }
footer form { display: inline; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; font-weight: 650; text-wrap: balance; }
p { margin: 0 0 1rem; }
main > :last-child { margin-bottom: 0; }
.soft { color: var(--soft); }
a { color: var(--accent); text-underline-offset: .2em; }
a:hover { color: var(--accent-strong); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
label { display: block; margin-bottom: .375rem; font-weight: 550; }
input {
  width: 100%; min-height: 2.875rem; margin-bottom: 1.125rem; padding: .5rem .75rem;
  border: 1px solid var(--edge); border-radius: 8px; background: var(--card); color: inherit; font: inherit;
}
.code { font-family: ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace; letter-spacing: .12em; }
input.code { font-size: 1.375rem; text-align: center; text-transform: uppercase; }
button, .button {
  display: block; width: 100%; min-height: 2.875rem; padding: .625rem 1rem; border: 1px solid transparent;
  border-radius: 8px; background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600;
  line-height: 1.5; text-align: center; text-decoration: none; cursor: pointer;
}
button:hover { background: var(--accent-strong); }
.quiet { border-color: var(--edge); background: transparent; color: var(--text); }
.quiet:hover { border-color: var(--text); background: transparent; color: var(--text); }
.plain {
  display: inline; width: auto; min-height: 0; padding: 0; border: 0; background: none; color: var(--accent);
  font-weight: inherit; text-decoration: underline; text-underline-offset: .2em;
}
.plain:hover { background: none; color: var(--accent-strong); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; }
.notice {
  padding: .75rem .875rem; border: 1px solid var(--line); border-radius: 8px; font-size: .9375rem;
}
.warn { border-color: var(--warn-line); background: var(--warn); color: var(--warn-text); }
.bad { border-color: var(--bad-line); background: var(--bad); color: var(--bad-text); }
.or { display: flex; align-items: center; gap: .75rem; margin: 1.5rem 0; color: var(--soft); font-size: .875rem; }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
ul { margin: 0; padding: 0; list-style: none; display: grid; gap: .75rem; }
li p { margin: .375rem 0 0; font-size: .875rem; }
.away { border-style: dashed; color: var(--soft); }
dl { margin: 0 0 1.25rem; border: 1px solid var(--line); border-radius: 8px; }
dl div { display: grid; grid-template-columns: 5rem 1fr; gap: .5rem; padding: .5rem .875rem; }
dl div + div { border-top: 1px solid var(--line); }
dt { color: var(--soft); }
dd { margin: 0; font-weight: 550; }
@media (max-width: 30rem) {
  body { padding: 1.5rem 1rem; justify-content: flex-start; }
  main { padding: 1.5rem 1.25rem; }
}
@media (forced-colors: active) {
  button, .button { border-color: ButtonText; }
}
`;

/** Nothing loads and no script runs; the stylesheet is known by its digest. Forms lead to us alone. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', STYLESHEET.text, 'base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');
