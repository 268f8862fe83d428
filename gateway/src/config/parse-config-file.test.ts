import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigSyntaxError } from './config-syntax-error.ts';
import { parseConfigFile } from './parse-config-file.ts';

function parsed(text: string, variables?: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(parseConfigFile(text, variables));
}

test('keys, values of every kind, comments', () => {
  const text = `# first
db-uri = "postgres://a@b/c"   # behind
db-pool=10
ratio = 1.5e1

  jwt-secret-is-base64 = on
db-channel-enabled = false
app.settings.a-b_c = "x"
list = ["a", 2, [true, off] , # inside
  "b"]
spread =
  "next line"
`;
  expect(parsed(text)).toEqual({
    'db-uri': 'postgres://a@b/c',
    'db-pool': 10,
    ratio: 15,
    'jwt-secret-is-base64': true,
    'db-channel-enabled': false,
    'app.settings.a-b_c': 'x',
    list: ['a', 2, [true, false], 'b'],
    spread: 'next line',
  });
});

test('no final line end, carriage returns, a byte order mark, nothing at all', () => {
  expect(parsed('\uFEFFa = 1\r\nb = 2')).toEqual({ a: 1, b: 2 });
  expect(parsed('')).toEqual({});
  expect(parsed('# only a comment')).toEqual({});
});

test('the last of repeated keys counts, groups prefix their keys', () => {
  expect(parsed('a = 1\na = 2\napp { settings { x = "y"\n z = 1 } }\n')).toEqual({
    a: 2,
    'app.settings.x': 'y',
    'app.settings.z': 1,
  });
});

test('escapes', () => {
  expect(parsed(String.raw`a = "q\" b\\ n\n t\t r\r é\u00e9 😀\ud83d\ude00"`)).toEqual({
    a: 'q" b\\ n\n t\t r\r éé 😀😀',
  });
});

test('#; takes one directive out, over lines and with variables nobody may read', () => {
  expect(parsed('#; a = [1,\n 2]\n#;b = "$(SECRET)"\nc = 3')).toEqual({ c: 3 });
});

test('$$ and variables that the caller allows', () => {
  expect(parsed('a = "$$1 https://$(DOMAIN)/$(DOMAIN)"', { DOMAIN: 'x.org' })).toEqual({
    a: '$1 https://x.org/x.org',
  });
});

test.each([
  ['a = 1\nb', 'line 2: = was expected after b'],
  ['a = 1\nb\n\nc = 2', 'line 2: = was expected after b'],
  ['a = "x" b = 2', 'line 1: unexpected "b" after the value'],
  ['a = x', 'line 1: a string in double quotes'],
  ['a = once', 'line 1: unexpected "c" after the value'],
  ['a = -1', 'line 1: a string in double quotes'],
  ['\n\n= 1', 'line 3: a key was expected, not "="'],
  ['a = "x\n\n', 'line 1: the string is not closed'],
  [String.raw`a = "\q"`, 'line 1: \\q is no escape'],
  [String.raw`a = "\u12"`, 'line 1: \\u needs four'],
  [String.raw`a = "\ud83d"`, 'line 1: half a surrogate pair'],
  ['a = 1\nb = "$' + '{DOMAIN}"', 'line 2: a dollar sign is written $$'],
  ['a = "$(SECRET)"', 'line 1: the variable SECRET is not allowed'],
  ['a = "$(constructor)"', 'line 1: the variable constructor is not allowed'],
  ['import "/etc/passwd"', 'line 1: import is not supported'],
  ['a = [1', 'line 1: , or ] was expected in the list, not the end'],
  ['g { a = 1', 'line 1: the group g is not closed'],
  ['#; nonsense', 'line 1: = was expected after nonsense'],
  ['a = 1 }', 'line 1: unexpected "}"'],
])('%j is refused with its line', (text, message) => {
  expect(() => parseConfigFile(text, { DOMAIN: 'x' })).toThrow(ConfigSyntaxError);
  expect(() => parseConfigFile(text, { DOMAIN: 'x' })).toThrow(message);
});

test('every string survives being written with escapes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      const written = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('$', '$$$$');
      expect(parsed(`key = "${written}"\n`)).toEqual({ key: value });
    }),
  );
});

test('nothing but a syntax error is ever thrown', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab=."\\$()[],{}#; \n1tru') }), (text) => {
      try {
        expect(parseConfigFile(text)).toBeInstanceOf(Map);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigSyntaxError);
      }
    }),
    { numRuns: 2_000 },
  );
});
