import { describe, expect, test } from 'vitest';
import { approvalPage, codeFormPage, decidedPage, timeAgo } from './device-page.ts';
import { renderPage } from './page.ts';

const viewer = { username: 'ada', canSignOut: true };
const waiting = {
  userCode: 'BCDF-GHJK',
  client: 'backyard on a laptop',
  address: '192.0.2.7',
  ageMs: 61_000,
};

describe('the pages of the device sign-in', () => {
  test('show which program asks, from where and since when, and warn', () => {
    const text = renderPage(approvalPage(viewer, waiting));
    for (const shown of ['backyard on a laptop', '192.0.2.7', '1 minute ago', 'BCDF-GHJK']) {
      expect(text).toContain(`>${shown}</dd>`);
    }
    expect(text).toContain('Only approve if you started this sign-in yourself');
    expect(text).toContain('Signed in as <strong>ada</strong>.');
    expect(text).toContain('<button type="submit" name="decision" value="approve">Approve</button>');
    expect(text).toContain('<button type="submit" name="decision" value="deny" class="quiet">Deny</button>');
  });

  test('offer to sign out only where a session can be ended, and then come back', () => {
    const text = renderPage(approvalPage(viewer, waiting));
    expect(text).toContain('<input type="hidden" name="return_to" value="/device?code=BCDF-GHJK">');
    const byProxy = renderPage(approvalPage({ ...viewer, canSignOut: false }, { ...waiting, address: null }));
    expect(byProxy).not.toContain('/sign-out');
    expect(byProxy).toContain('>unknown</dd>');
  });

  test('ask for the code again, with the reason', () => {
    const problem = { status: 429, text: 'Too many codes.', headers: { 'retry-after': '6' } };
    const page = codeFormPage({ viewer, problem });
    expect(page).toMatchObject({ status: 429, headers: { 'retry-after': '6' } });
    const text = renderPage(page);
    expect(text).toContain('<form method="get" action="/device">');
    expect(text).toContain('aria-describedby="problem hint" aria-invalid="true"');
    expect(renderPage(codeFormPage({ viewer }))).toContain('aria-describedby="hint">');
  });

  test('tell what was decided', () => {
    expect(renderPage(decidedPage(viewer, 'approve', 'cli'))).toContain('<h1>Approved</h1>');
    expect(renderPage(decidedPage(viewer, 'deny', 'cli'))).toMatch(
      /<h1>Denied<\/h1>\s*<p><strong>cli<\/strong> was not/,
    );
  });

  test.each([
    [0, 'less than a minute ago'],
    [59_999, 'less than a minute ago'],
    [60_000, '1 minute ago'],
    [119_999, '1 minute ago'],
    [120_000, '2 minutes ago'],
    [599_000, '9 minutes ago'],
  ])('%i ms are %s', (ageMs, text) => {
    expect(timeAgo(ageMs)).toBe(text);
  });
});
