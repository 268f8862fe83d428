import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { approvalPage, codeFormPage, decidedPage } from './device-page.ts';
import { html } from './html.ts';
import { renderPage } from './page.ts';
import { problemPage } from './problem-page.ts';
import { signInPage } from './sign-in-page.ts';
import { CONTENT_SECURITY_POLICY } from './stylesheet.ts';

const EVIL = `"><script>alert('1')</script>`;
const viewer = { username: EVIL, canSignOut: true };
const unavailable = { state: 'unavailable', reason: EVIL } as const;

/** Every page, with the worst that others may put into it. */
const pages = {
  'sign-in': signInPage({ returnTo: '/device', providers: [] }),
  'sign-in, full': signInPage({
    returnTo: '/x?a="b"',
    providers: [{ name: 'sso', title: EVIL, health: unavailable }],
    username: EVIL,
    typedName: EVIL,
    problem: { status: 401, text: EVIL },
  }),
  code: codeFormPage({ viewer }),
  'code, again': codeFormPage({ viewer, problem: { status: 404, text: EVIL } }),
  approval: approvalPage(viewer, { userCode: 'BCDF-GHJK', client: EVIL, address: EVIL, ageMs: 0 }),
  approved: decidedPage(viewer, 'approve', EVIL),
  denied: decidedPage(viewer, 'deny', EVIL),
  problem: problemPage({ kind: 'unexpected' }, { retryAfterSeconds: 3, requestId: EVIL, back: EVIL }),
};

function all(text: string, expression: RegExp): string[] {
  return [...text.matchAll(expression)].map((match) => match[1] ?? '');
}

describe.each(Object.entries(pages))('the page %s', (_name, page) => {
  const text = renderPage(page);

  test('escapes what others put into it', () => {
    expect(text).not.toContain('<script');
    expect(text).not.toContain(EVIL);
    expect(renderPage({ status: 200, title: EVIL, content: html`` })).not.toContain(EVIL);
  });

  test('needs neither scripts nor anything from elsewhere', () => {
    expect(text).not.toMatch(/<(?:script|img|iframe|object|embed|link)\b|\son\w+=|\sstyle=|javascript:/i);
    expect(
      all(text, /\s(?:href|action|src)="([^"]*)"/g).filter((address) => /^(?:\w+:|\/\/)/.test(address)),
    ).toEqual([]);
  });

  test('tells its language and title, and has one heading and one main part', () => {
    expect(text).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(text).toMatch(/<title>\S.* · Backyard<\/title>/);
    expect(text).toContain('<meta name="viewport"');
    expect([text.match(/<h1>/g)?.length, text.match(/<main>/g)?.length]).toEqual([1, 1]);
  });

  test('names every field, and points only at what is there', () => {
    const ids = all(text, /\sid="([^"]+)"/g);
    expect(new Set(ids).size).toBe(ids.length);
    const labelled = all(text, /<label for="([^"]+)"/g);
    const fields = all(text, /<input(?! type="hidden")[^>]*?\sid="([^"]+)"/g);
    expect(labelled).toEqual(fields);
    const described = all(text, /aria-describedby="([^"]+)"/g).flatMap((list) => list.split(' '));
    expect(described.filter((id) => !ids.includes(id))).toEqual([]);
  });

  test('has the stylesheet that the policy allows', () => {
    const [style = ''] = all(text, /<style>([\s\S]*?)<\/style>/g);
    expect(CONTENT_SECURITY_POLICY.split('; ')).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${hash('sha256', style, 'base64')}'`,
      "form-action 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ]);
  });
});
