import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { renderProblem, renderSignIn, type SignInForm, sendPage } from './pages.ts';

export interface DevAccount {
  readonly email: string;
  readonly name: string;
  readonly groups: readonly string[];
}

const MAX_FORM_BYTES = 16 * 1024;

export const interactionPath = '/sign-in/';

/** The sign-in page. Whoever fills it is who they say: `remember` gets the account, by its subject. */
export async function answerInteraction(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  remember: (subject: string, account: DevAccount) => void,
): Promise<void> {
  const isUnderWay = await provider.interactionDetails(request, response).then(
    () => true,
    // Expired, answered already, or opened without having come from anywhere.
    () => false,
  );
  if (!isUnderWay) {
    sendPage(response, 400, renderProblem('This sign-in is over.'));
    return;
  }
  if (request.method !== 'POST') {
    sendPage(response, 200, renderSignIn({ email: '', name: '', isAdmin: false, mistake: null }));
    return;
  }
  const fields = await readForm(request);
  if (fields?.get('do') === 'cancel') {
    await provider.interactionFinished(request, response, { error: 'access_denied' });
    return;
  }
  const form = parseForm(fields);
  if (form.mistake !== null) {
    sendPage(response, 400, renderSignIn(form));
    return;
  }
  // The same address is the same person, after a restart too.
  const subject = form.email.toLowerCase();
  const [localPart = ''] = form.email.split('@', 1);
  remember(subject, {
    email: form.email,
    name: form.name || localPart,
    groups: form.isAdmin ? ['admins'] : [],
  });
  await provider.interactionFinished(request, response, {
    login: { accountId: subject, remember: false },
    consent: {},
  });
}

function parseForm(fields: URLSearchParams | undefined): SignInForm {
  const email = fields?.get('email')?.trim() ?? '';
  const isEmail = /^[!-~]+@[!-~]+$/.test(email) && email.length <= 254;
  return {
    email,
    name: fields?.get('name')?.trim().slice(0, 100) ?? '',
    isAdmin: fields?.get('admin') === 'yes',
    mistake: isEmail ? null : 'Type an e-mail address, such as ada@example.com.',
  };
}

/** `undefined` when it is larger than a form of ours can be. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > MAX_FORM_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
