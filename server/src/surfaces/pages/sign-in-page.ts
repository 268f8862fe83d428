import type { ListedProvider } from '../../operations/identity/providers.ts';
import { type Html, html } from './html.ts';
import type { Page } from './page.ts';

export interface SignInView {
  /** A local path. */
  readonly returnTo: string | null;
  readonly providers: readonly ListedProvider[];
  /** Whoever is signed in already. */
  readonly username?: string | undefined;
  /** What was typed before. */
  readonly typedName?: string;
  /** Why the last attempt failed. */
  readonly problem?: { readonly status: number; readonly text: string };
}

/** Renders the page on which people sign in. */
export function signInPage({ returnTo, providers, username, typedName, problem }: SignInView): Page {
  const isRetry = problem !== undefined && typedName !== undefined && typedName !== '';
  return {
    status: problem?.status ?? 200,
    title: problem ? `Error: ${problem.text}` : 'Sign in',
    content: html`<h1>Sign in</h1>
${problem && html`<p class="notice bad" role="alert" id="problem">${problem.text}</p>`}
${username !== undefined && alreadySignedIn(username, returnTo)}
<form method="post" action="/sign-in">
${returnTo !== null && html`<input type="hidden" name="return_to" value="${returnTo}">`}
<label for="username">User name</label>
<input id="username" name="username" type="text" autocomplete="username" autocapitalize="none"
 spellcheck="false" required value="${typedName}"${problem && describedBy}${!isRetry && html` autofocus`}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password"
 required${problem && describedBy}${isRetry && html` autofocus`}>
<button type="submit">Sign in</button>
</form>
${providers.length > 0 && providerLinks(providers, returnTo)}`,
    // Every 401 of ours names the scheme that programs use; browsers ignore it.
    headers: problem?.status === 401 ? { 'www-authenticate': 'Bearer' } : {},
  };
}

const describedBy = html` aria-invalid="true" aria-describedby="problem"`;

function alreadySignedIn(username: string, returnTo: string | null): Html {
  return html`<p class="notice">You are signed in as <strong>${username}</strong>.
<a href="${returnTo ?? '/'}">Continue</a></p>`;
}

function providerLinks(providers: readonly ListedProvider[], returnTo: string | null): Html {
  return html`<p class="or">or</p>
<ul>
${providers.map((provider) => providerLink(provider, returnTo))}
</ul>`;
}

/** One that could not be reached stays a link: it may be back, and only an attempt tells. */
function providerLink({ name, title, health }: ListedProvider, returnTo: string | null): Html {
  const query = new URLSearchParams({ provider: name });
  if (returnTo !== null) query.set('return_to', returnTo);
  const address = `/auth/login?${query}`;
  if (health.state !== 'unavailable') {
    return html`<li><a class="button quiet" href="${address}">Sign in with ${title}</a></li>`;
  }
  return html`<li><a class="button quiet away" href="${address}" aria-describedby="why-${name}">
Sign in with ${title}</a>
<p class="soft" id="why-${name}">${health.reason}</p></li>`;
}
