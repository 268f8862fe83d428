import { describe, expect, test } from 'vitest';
import { Fault } from '../../kernel/fault.ts';
import type { Problem } from '../kit/problem.ts';
import { renderPage } from './page.ts';
import { problemPage, waitingTime } from './problem-page.ts';

const here = { retryAfterSeconds: undefined, requestId: 'request-7', back: '/sign-in' };
const fault = (code: string): Problem => ({ kind: 'fault', fault: new Fault(code, 'inner words') });

describe('a problem as a page', () => {
  test.each<[Problem, number]>([
    [{ kind: 'rate-limited' }, 429],
    [{ kind: 'cross-site' }, 403],
    [{ kind: 'too-large' }, 413],
    [{ kind: 'media-type' }, 415],
    [{ kind: 'malformed-json', offset: 0 }, 400],
    [{ kind: 'not-found' }, 404],
    [{ kind: 'method', allow: 'GET, HEAD' }, 405],
    [{ kind: 'unexpected' }, 500],
    [fault('device.by-key'), 403],
    [fault('forbidden.scope'), 403],
    [fault('anything.else'), 500],
  ])('%j is a %i with a heading, a sentence and a way back', (problem, status) => {
    const page = problemPage(problem, here);
    const text = renderPage(page);
    expect(page.status).toBe(status);
    expect(text).toMatch(/<h1>[A-Z][^<]+<\/h1>\s*<p>[A-Z][^<]+\.<\/p>/);
    expect(text).toContain('<a href="/sign-in">');
    expect(text).not.toContain('inner words');
    // For who has to look into the log; nobody else needs it.
    expect(text.includes('request-7')).toBe(status === 500);
  });

  test('tells the methods there are, and when to try again', () => {
    expect(problemPage({ kind: 'method', allow: 'GET, HEAD' }, here).headers).toEqual({ allow: 'GET, HEAD' });
    const page = problemPage({ kind: 'rate-limited' }, { ...here, retryAfterSeconds: 20 });
    expect(renderPage(page)).toContain('Try again in 20 seconds.');
  });

  test.each([
    [1, '1 second'],
    [89, '89 seconds'],
    [90, '2 minutes'],
    [600, '10 minutes'],
  ])('%i seconds are %s', (seconds, text) => {
    expect(waitingTime(seconds)).toBe(text);
  });
});
