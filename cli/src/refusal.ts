import { type ExitCode, exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';
import type { HttpAnswer } from './http.ts';
import { printable } from './output/printable.ts';

const codeByStatus: Readonly<Record<number, ExitCode>> = {
  400: exitCodes.usage,
  401: exitCodes.notSignedIn,
  403: exitCodes.forbidden,
  404: exitCodes.notFound,
  409: exitCodes.conflict,
  413: exitCodes.usage,
  415: exitCodes.usage,
  422: exitCodes.usage,
};

export interface Asked {
  readonly url: URL;
  /** False for sign-in itself, where a 401 speaks about the password. */
  readonly withCredential: boolean;
}

/** The failure that a status outside 2xx stands for, in the server's words plus what to do. */
export function refusal(answer: HttpAnswer, asked: Asked): Failure {
  const { origin } = asked.url;
  const { status } = answer;
  const said = errorText(answer.text);
  if (status >= 300 && status < 400) return redirected(answer, origin);
  if (status === 401 && asked.withCredential) {
    return new Failure(
      exitCodes.notSignedIn,
      `${origin} does not accept the credential: ${sentence(said ?? 'Unauthorized')} Run \`backyard login\`.`,
    );
  }
  if (status === 429) return limited(answer, origin);
  const code = codeByStatus[status];
  if (code !== undefined && said !== undefined) return new Failure(code, sentence(said));
  return new Failure(code ?? exitCodes.failed, unexpected(answer, origin, said));
}

function redirected(answer: HttpAnswer, origin: string): Failure {
  const target = printable(answer.headers.get('location') ?? 'another address');
  return new Failure(exitCodes.failed, `${origin} redirects to ${target}: name that address with --url.`);
}

function limited(answer: HttpAnswer, origin: string): Failure {
  const seconds = Number(answer.headers.get('retry-after'));
  const wait = Number.isFinite(seconds) && seconds > 0 ? `in ${seconds} s` : 'later';
  return new Failure(exitCodes.failed, `${origin} received too many requests. Try again ${wait}.`);
}

function unexpected(answer: HttpAnswer, origin: string, said: string | undefined): string {
  const requestId = answer.headers.get('x-request-id');
  const trace = requestId === null ? '' : ` Its log tells more under request ${printable(requestId)}.`;
  return `${origin} answered ${answer.status}${said === undefined ? '.' : `: ${sentence(said)}`}${trace}`;
}

/** The text of either error envelope: `{error}`, or `{message, detail}` under `/api/v1`. */
export function errorText(body: string): string | undefined {
  const parsed = parseJson(body);
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const fields: Record<string, unknown> = { ...parsed };
  const text = [fields.error, fields.message, fields.detail].find(
    (field): field is string => typeof field === 'string' && field !== '',
  );
  return text === undefined ? undefined : printable(text);
}

/** Undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
