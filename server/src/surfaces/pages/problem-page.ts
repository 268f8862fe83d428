import { PLAIN_STATUS, type Problem } from '../kit/problem.ts';
import { html } from './html.ts';
import type { Page } from './page.ts';

interface Words {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const FAULTS: Readonly<Record<string, Words>> = {
  'password.busy': {
    status: 429,
    title: 'Too busy',
    text: 'Too many people are signing in right now. Try again in a moment.',
    headers: { 'retry-after': '1' },
  },
  'forbidden.scope': {
    status: 403,
    title: 'Not allowed',
    text: 'The key that came with this request is limited to other things.',
  },
  'device.by-key': {
    status: 403,
    title: 'Not allowed',
    text: 'An API key cannot sign a program in. Sign in as a person instead.',
  },
};

const UNEXPECTED: Words = {
  status: 500,
  title: 'Something went wrong',
  text: 'The fault is ours. Try again in a moment; if it stays, tell an administrator.',
};

function wordsOf(problem: Problem): Words {
  switch (problem.kind) {
    case 'fault':
      return FAULTS[problem.fault.code] ?? UNEXPECTED;
    case 'fields':
    case 'malformed-json':
      return { status: 400, title: 'Not understood', text: 'The form did not arrive as it was sent.' };
    case 'rate-limited':
      return {
        status: PLAIN_STATUS['rate-limited'],
        title: 'Too many attempts',
        text: 'There were too many attempts to sign in from your network.',
      };
    case 'cross-site':
      return {
        status: PLAIN_STATUS['cross-site'],
        title: 'Refused',
        text: 'This form did not come from a page of this Backyard, so nothing was done.',
      };
    case 'too-large':
      return { status: PLAIN_STATUS['too-large'], title: 'Too large', text: 'The form is too large.' };
    case 'media-type':
      return {
        status: PLAIN_STATUS['media-type'],
        title: 'Not understood',
        text: 'This address takes forms as browsers send them.',
      };
    case 'not-found':
      return { status: PLAIN_STATUS['not-found'], title: 'Not found', text: 'There is no such page.' };
    case 'method':
      return {
        status: PLAIN_STATUS.method,
        title: 'Not possible here',
        text: 'This page cannot be asked in that way.',
        headers: { allow: problem.allow },
      };
    case 'unexpected':
      return UNEXPECTED;
  }
}

export interface ProblemSurroundings {
  /** When another attempt makes sense. */
  readonly retryAfterSeconds: number | undefined;
  /** Finds the request in the log. */
  readonly requestId: string;
  /** The page to go back to, as people reach us. */
  readonly back: string;
}

/** A problem as a page: what happened, and what to do now. */
export function problemPage(
  problem: Problem,
  { retryAfterSeconds, requestId, back }: ProblemSurroundings,
): Page {
  const { status, title, text, headers } = wordsOf(problem);
  return {
    status,
    title,
    content: html`<h1>${title}</h1>
<p>${text}${retryAfterSeconds !== undefined && ` Try again in ${waitingTime(retryAfterSeconds)}.`}</p>
${status >= 500 && html`<p class="soft">Reference: ${requestId}</p>`}
<p><a href="${back}">Back to the page</a></p>`,
    headers,
  };
}

/** `20 seconds`, `2 minutes`. */
export function waitingTime(seconds: number): string {
  const [count, unit] = seconds < 90 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
