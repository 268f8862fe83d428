import type { Caller } from '../../domain/caller.ts';
import { Fault, isFault } from '../../kernel/fault.ts';
import { type DecideDeviceInput, decideDeviceRequest } from '../../operations/device/decide.ts';
import { findDeviceRequest } from '../../operations/device/find.ts';
import { parseUserCode, presentUserCode } from '../../operations/device/user-code.ts';
import { ProblemError } from '../kit/problem.ts';
import { approvalPage, codeFormPage, decidedPage, type Viewer } from './device-page.ts';
import type { Page } from './page.ts';
import { waitingTime } from './problem-page.ts';
import type { PageRoute, Redirect } from './serve-page.ts';
import { signInAddress } from './sign-in.ts';

const PATH = '/device';

export const deviceRoute: PageRoute = {
  path: PATH,

  async get(visit): Promise<Page | Redirect> {
    const code = visit.query('code');
    const caller = await visit.findCaller();
    if (!caller) return signInFirst(code);
    const viewer = viewerOf(caller);
    if (code === undefined) return codeFormPage({ viewer });
    const { context, origin } = visit;
    return orAskAgain(viewer, async () => {
      const found = await findDeviceRequest.invoke(context, { caller, origin, input: { userCode: code } });
      if (!found) throw new Fault('device.not-found', 'no program waits with this code');
      return approvalPage(viewer, found);
    });
  },

  async post(visit): Promise<Page | Redirect> {
    const userCode = visit.field('code') ?? '';
    const caller = await visit.findCaller();
    if (!caller) return signInFirst(userCode);
    const viewer = viewerOf(caller);
    const { context, origin } = visit;
    const input = { userCode, decision: parseDecision(visit.field('decision')) };
    return orAskAgain(viewer, async () => {
      const { client } = await decideDeviceRequest.invoke(context, { caller, origin, input });
      return decidedPage(viewer, input.decision, client);
    });
  },
};

/** Only what can be a code goes along. */
function signInFirst(text: string | undefined): Redirect {
  const code = parseUserCode(text ?? '');
  const returnTo = code === undefined ? PATH : `${PATH}?code=${presentUserCode(code)}`;
  return { location: signInAddress(returnTo) };
}

function viewerOf({ username, sessionId, isAmbient }: Caller): Viewer {
  return { username, canSignOut: sessionId !== null && isAmbient };
}

function parseDecision(text: string | undefined): DecideDeviceInput['decision'] {
  if (text === 'approve' || text === 'deny') return text;
  const field = { part: 'body', field: 'decision', rule: 'enum', limit: null, value: text } as const;
  throw new ProblemError({ kind: 'fields', fields: [field] });
}

/** Shows the form again for a code that is of no use. */
async function orAskAgain(viewer: Viewer, serve: () => Promise<Page>): Promise<Page> {
  try {
    return await serve();
  } catch (error) {
    if (isFault(error, 'device.not-found')) {
      const text = 'No program waits with this code. Codes last ten minutes and work once.';
      return codeFormPage({ viewer, problem: { status: 404, text } });
    }
    if (isFault(error, 'device.too-many-codes')) {
      const seconds = Number(error.details.retryInSeconds);
      const text = `Too many codes in a short time. Try again in ${waitingTime(seconds)}.`;
      const headers = { 'retry-after': String(seconds) };
      return codeFormPage({ viewer, problem: { status: 429, text, headers } });
    }
    throw error;
  }
}
