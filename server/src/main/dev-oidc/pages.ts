/** The pages of the try-out provider: HTML and CSS, without scripts. */
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

export interface SignInForm {
  readonly email: string;
  readonly name: string;
  readonly isAdmin: boolean;
  /** What is wrong with it, in a sentence; `null` before it was sent. */
  readonly mistake: string | null;
}

const STYLE = `
:root { color-scheme: light dark; --ground: #eef0f3; --card: #fff; --ink: #16191d; --quiet: #59616b;
  --line: #c3c9d0; --accent: #1d4ed8; --accent-ink: #fff; --warn: #fff3d6; --warn-line: #c77700; --bad: #b42318; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #101317; --card: #1a1e24; --ink: #eceef1; --quiet: #a3abb5; --line: #454d57;
    --accent: #8ab4ff; --accent-ink: #0b1220; --warn: #3b2b06; --warn-line: #f0a92e; --bad: #ff9d94; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100dvh; display: grid; place-items: center; padding: 1rem;
  background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 26rem; padding: 1.5rem; border: 1px solid var(--line); border-radius: .75rem;
  background: var(--card); }
h1 { margin: 0 0 1rem; font-size: 1.375rem; line-height: 1.25; }
p { margin: 0 0 1rem; overflow-wrap: anywhere; }
main > p:last-child { margin: 0; }
.warning { padding: .75rem 1rem; border: 2px solid var(--warn-line); border-left-width: .5rem;
  border-radius: .375rem; background: var(--warn); }
.warning strong { display: block; font-size: 1.125rem; }
.mistake { color: var(--bad); font-weight: 600; }
.quiet { color: var(--quiet); font-size: .875rem; }
label { display: block; margin-bottom: 1rem; font-weight: 600; }
input[type=email], input[type=text] { display: block; width: 100%; min-height: 2.75rem; margin-top: .25rem;
  padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .375rem; background: var(--card);
  color: inherit; font: inherit; font-weight: 400; }
.tick { display: flex; gap: .75rem; align-items: flex-start; padding: .25rem 0; font-weight: 400; cursor: pointer; }
.tick input { flex: none; width: 1.25rem; height: 1.25rem; margin: .125rem 0 0; accent-color: var(--accent); }
small { color: var(--quiet); font-size: .875rem; font-weight: 400; }
.tick small { display: block; }
button { width: 100%; min-height: 2.75rem; border: 1px solid var(--accent); border-radius: .375rem;
  background: var(--accent); color: var(--accent-ink); font: inherit; font-weight: 600; cursor: pointer; }
button + button { margin-top: .5rem; border-color: var(--line); background: transparent; color: var(--ink); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** No `form-action`: browsers hold it against the redirects that lead back, too. */
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'`;

const WARNING = `<p class="warning" role="note"><strong>⚠ This is a try-out provider.</strong>
Anybody who reaches it signs in as anybody. Never use it for real.</p>`;

export function renderSignIn(form: SignInForm): string {
  const mistake =
    form.mistake === null ? '' : `<p class="mistake" role="alert">${escapeHtml(form.mistake)}</p>`;
  return renderPage(
    'Sign in',
    `<form method="post">
${mistake}
<label>E-mail address
<input type="email" name="email" value="${escapeHtml(form.email)}" required maxlength="254"
 autocomplete="email" autofocus></label>
<label>Name <small>may stay empty</small>
<input type="text" name="name" value="${escapeHtml(form.name)}" maxlength="100" autocomplete="name"></label>
<label class="tick"><input type="checkbox" name="admin" value="yes"${form.isAdmin ? ' checked' : ''}>
<span>Administrator <small>puts you into the group <code>admins</code></small></span></label>
<button name="do" value="sign-in">Sign in</button>
<button name="do" value="cancel" formnovalidate>Cancel</button>
</form>`,
  );
}

/** `form` is the library's: hidden, with what makes the request genuine. */
export function renderSignOut(form: string): string {
  return renderPage(
    'Sign out?',
    `<p>You leave the try-out provider, and have to sign in here again the next time.</p>
${form}
<button form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button>
<button form="op.logoutForm">Stay signed in</button>`,
  );
}

export function renderSignedOut(): string {
  return renderPage('You are signed out', '<p>You can close this page.</p>');
}

export function renderProblem(problem: string): string {
  return renderPage(
    'That did not work',
    `<p>${escapeHtml(problem)}</p>
<p class="quiet">Go back to where you came from, and sign in from there again.</p>`,
  );
}

function renderPage(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · try-out provider</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${WARNING}
${content}
</main>
</body>
</html>
`;
}

/** What every page of ours says about itself. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

export function sendPage(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, pageHeaders).end(page);
}

function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replaceAll(/[&<>"]/g, (char) => names[char] ?? char);
}
