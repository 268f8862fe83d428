import type { WaitingDevice } from '../../operations/device/find.ts';
import { type Html, html } from './html.ts';
import type { Page } from './page.ts';
import { signOutForm } from './sign-out.ts';

/** Whoever looks at the page. */
export interface Viewer {
  readonly username: string;
  /** A session that can be ended here; a proxy's word cannot. */
  readonly canSignOut: boolean;
}

function signedInAs({ username, canSignOut }: Viewer, returnTo: string): Html {
  return html`Signed in as <strong>${username}</strong>.${canSignOut && html` Not you? ${signOutForm(returnTo)}`}`;
}

export interface CodeFormView {
  readonly viewer: Viewer;
  readonly problem?: {
    readonly status: number;
    readonly text: string;
    readonly headers?: Readonly<Record<string, string>>;
  };
}

/** Renders the form into which people type the code that a program shows. */
export function codeFormPage({ viewer, problem }: CodeFormView): Page {
  return {
    status: problem?.status ?? 200,
    title: problem ? `Error: ${problem.text}` : 'Sign a program in',
    content: html`<h1>Sign a program in</h1>
${problem && html`<p class="notice bad" role="alert" id="problem">${problem.text}</p>`}
<p id="hint">Type the code that the program shows you. It looks like BCDF-GHJK.</p>
<form method="get" action="/device">
<label for="code">Code</label>
<input id="code" class="code" name="code" type="text" autocomplete="off" autocapitalize="characters"
 spellcheck="false" required maxlength="40" autofocus
 aria-describedby="${problem && 'problem '}hint"${problem && html` aria-invalid="true"`}>
<button type="submit">Continue</button>
</form>`,
    footer: signedInAs(viewer, '/device'),
    headers: problem?.headers,
  };
}

/** Renders the question whether the program may sign in. What the program says of itself is no proof. */
export function approvalPage(viewer: Viewer, { userCode, client, address, ageMs }: WaitingDevice): Page {
  return {
    status: 200,
    title: 'Approve a sign-in',
    content: html`<h1>Let this program sign in as you?</h1>
<dl>
<div><dt>Program</dt><dd>${client}</dd></div>
<div><dt>Address</dt><dd>${address ?? 'unknown'}</dd></div>
<div><dt>Started</dt><dd>${timeAgo(ageMs)}</dd></div>
<div><dt>Code</dt><dd class="code">${userCode}</dd></div>
</dl>
<p class="notice warn"><strong>Only approve if you started this sign-in yourself</strong>, and if the program
shows the same code. It will be able to do everything that you can.</p>
<form method="post" action="/device" class="pair">
<input type="hidden" name="code" value="${userCode}">
<button type="submit" name="decision" value="approve">Approve</button>
<button type="submit" name="decision" value="deny" class="quiet">Deny</button>
</form>`,
    footer: signedInAs(viewer, `/device?code=${userCode}`),
  };
}

/** Renders what was decided. */
export function decidedPage(viewer: Viewer, decision: 'approve' | 'deny', client: string): Page {
  const [title, text] =
    decision === 'approve'
      ? ['Approved', html`<strong>${client}</strong> will be signed in as you within a few seconds.`]
      : ['Denied', html`<strong>${client}</strong> was not signed in.`];
  return {
    status: 200,
    title,
    content: html`<h1>${title}</h1>
<p>${text}</p>
<p class="soft">You can close this page and go back to the program.</p>`,
    footer: signedInAs(viewer, '/device'),
  };
}

/** `less than a minute ago`, `1 minute ago`, `4 minutes ago`. */
export function timeAgo(ageMs: number): string {
  const minutes = Math.floor(ageMs / 60_000);
  if (minutes === 0) return 'less than a minute ago';
  return minutes === 1 ? '1 minute ago' : `${minutes} minutes ago`;
}
