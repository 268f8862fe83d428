import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { Refusal } from './failure.ts';
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
  429: exitCodes.tooManyRequests,
};

export interface Asked {
  readonly url: URL;
  /** False for sign-in itself, where a 401 speaks about the password. */
  readonly withCredential: boolean;
}

/** The failure that a status outside 2xx stands for, in the server's words plus what to do. */
export function refusal(answer: HttpAnswer, asked: Asked): Refusal {
  const { status } = answer;
  const body = fieldsOf(answer.text);
  const code = codeByStatus[status] ?? exitCodes.failed;
  const reason = textOf(body.error);
  return new Refusal(code, wordsFor(answer, asked, body), { status, reason });
}

function wordsFor(answer: HttpAnswer, { url: { origin }, withCredential }: Asked, body: Fields): string {
  const { status } = answer;
  const said = errorText(body);
  if (status >= 300 && status < 400) return redirected(answer, origin);
  if (status === 401 && withCredential) {
    const why = sentence(said ?? 'Unauthorized');
    return `${origin} does not accept the credential: ${why} Run \`backyard login\`.`;
  }
  if (status === 429) return limited(answer, origin);
  if (codeByStatus[status] === undefined || said === undefined) return unexpected(answer, origin, said);
  return said;
}

function redirected(answer: HttpAnswer, origin: string): string {
  const target = printable(answer.headers.get('location') ?? 'another address');
  return `${origin} redirects to ${target}: name that address with --url.`;
}

function limited(answer: HttpAnswer, origin: string): string {
  const seconds = Number(answer.headers.get('retry-after'));
  const wait = Number.isFinite(seconds) && seconds > 0 ? `in ${seconds} s` : 'later';
  return `${origin} received too many requests. Try again ${wait}.`;
}

function unexpected(answer: HttpAnswer, origin: string, said: string | undefined): string {
  const requestId = answer.headers.get('x-request-id');
  const trace = requestId === null ? '' : ` Its log tells more under request ${printable(requestId)}.`;
  return `${origin} answered ${answer.status}${said === undefined ? '.' : `: ${said}`}${trace}`;
}

type Fields = Readonly<Record<string, unknown>>;

/** Nothing when the text is no JSON object. */
function fieldsOf(text: string): Fields {
  const parsed = parseJson(text);
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
}

/**
 * What either error envelope says: `{error}`, or `{message, detail}` under `/api/v1`, where `detail` is a list
 * when single fields are at fault. One sentence; several fields stand on a line each.
 */
function errorText(body: Fields): string | undefined {
  const faults = fieldFaults(body.detail);
  if (faults.length > 1) return ['several values are refused:', ...faults].join('\n  ');
  const text = faults[0] ?? textOf(body.message) ?? textOf(body.error) ?? textOf(body.detail);
  return text === undefined ? undefined : sentence(text);
}

const FieldFaults = Type.Array(
  Type.Object({ loc: Type.Array(Type.Union([Type.String(), Type.Number()])), msg: Type.String() }),
);

/** `email: value is not a valid email address: …` for each entry. */
function fieldFaults(detail: unknown): string[] {
  if (!Value.Check(FieldFaults, detail)) return [];
  return detail.map(({ loc: [part, ...path], msg }) => {
    // The first place is the part of the request; it is named where it is at fault as a whole.
    const name = path.length === 0 ? part : path.join('.');
    return printable(name === undefined ? msg : `${name}: ${msg}`);
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? printable(value) : undefined;
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
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
