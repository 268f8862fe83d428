/** What every answer of the public port must keep, whatever the test is about. */
import { Check, Errors } from 'typebox/value';
import type { Answer, Sent } from './exchange.ts';
import { routeOf } from './routes.ts';

/** Words that only an inside view has: code, SQL of ours, paths, drivers. */
const insideView =
  /\bat .+\.(?:ts|js|mjs):\d+|node_modules|\bSELECT\b.+\bFROM\b|\/server\/src\/|postgres(?:ql)?:\/\//;

function faultsOfHeaders(sent: Sent, answer: Answer): string[] {
  const faults: string[] = [];
  if (!answer.headers['x-request-id']) faults.push('no X-Request-Id');
  const type = answer.headers['content-type'] ?? '';
  const hasBody = answer.text !== '' && sent.method !== 'HEAD';
  if (answer.status >= 400 && hasBody && !type.startsWith('application/json')) {
    faults.push(`an error of type ${type || 'none'}`);
  }
  if (answer.status === 401 && answer.headers['www-authenticate'] !== 'Bearer') {
    faults.push('401 without WWW-Authenticate: Bearer');
  }
  if (answer.status === 405 && !answer.headers.allow) faults.push('405 without Allow');
  return faults;
}

function faultsOfBody(sent: Sent, answer: Answer): string[] {
  const faults: string[] = [];
  if (answer.status >= 400 && insideView.test(answer.text)) faults.push('an error that shows the inside');
  const route = routeOf(sent.method, sent.path);
  if (route === undefined) return faults;
  const schema = route.responses[answer.status];
  if (schema === undefined) return [...faults, `status ${answer.status} is not in the contract`];
  const body = answer.text === '' ? null : answer.body;
  if (!Check(schema, body)) {
    faults.push(`body against the contract: ${JSON.stringify(Errors(schema, body).slice(0, 3))}`);
  }
  return faults;
}

/**
 * Throws when an answer breaks a promise that holds for all: a request id, JSON errors without an inside
 * view, `WWW-Authenticate` and `Allow`, and for a promised route a status and body as its contract has them.
 */
export function checkPromises(sent: Sent, answer: Answer): void {
  const faults = [...faultsOfHeaders(sent, answer), ...faultsOfBody(sent, answer)];
  if (faults.length === 0) return;
  const shown = answer.text.slice(0, 500);
  throw new Error(`${sent.method} ${sent.path} → ${answer.status}: ${faults.join('; ')}\n${shown}`);
}
