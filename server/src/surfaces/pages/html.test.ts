import { describe, expect, test } from 'vitest';
import { type Html, html } from './html.ts';

const evil = `<script>alert("1")</script>&amp;'`;

describe('html', () => {
  test('escapes text and what stands in quoted attributes', () => {
    expect(html`<p title="${evil}">${evil}</p>`.text).toBe(
      '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;&#39;">' +
        '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;&#39;</p>',
    );
  });

  test('takes over what it made itself, also in lists', () => {
    const items = [html`<li>${'<'}</li>`, html`<li>${'b'}</li>`];
    expect(html`<ul>${items}</ul>`.text).toBe('<ul><li>&lt;</li><li>b</li></ul>');
    expect(html`${['<', ['>']]}`.text).toBe('&lt;&gt;');
  });

  test('leaves out what is absent, and shows zero', () => {
    expect(html`[${undefined}${null}${false}${''}${0}]`.text).toBe('[0]');
  });

  test('is not fooled by something that looks like its own result', () => {
    const forged = { text: '<script>' } as unknown as Html;
    expect(() => html`<p>${forged}</p>`.text).toThrow();
  });

  test('refuses an attribute without quotes', () => {
    expect(() => html`<input value=${'x onfocus=alert(1)'}>`).toThrow('quotes');
    expect(() => html`<input value= ${'x'}>`).toThrow('quotes');
    expect(html`<p>1 + 1 = "${2}"</p>`.text).toBe('<p>1 + 1 = "2"</p>');
  });
});
