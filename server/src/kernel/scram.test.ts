import { expect, test } from 'vitest';
import { matchesScramVerifier, scramVerifier } from './scram.ts';

test('gives the keys of the example in RFC 7677', async () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  const verifier = await scramVerifier('pencil', { salt });
  const keys = 'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=';
  expect(verifier).toBe(`SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$${keys}`);
});

test('salts each verifier anew, and each matches its password only', async () => {
  const [one, two] = [await scramVerifier('secret'), await scramVerifier('secret', { iterations: 5000 })];
  expect(one).not.toBe(two);
  expect(two).toMatch(/^SCRAM-SHA-256\$5000:/);
  for (const verifier of [one, two]) {
    expect(await matchesScramVerifier('secret', verifier)).toBe(true);
    expect(await matchesScramVerifier('Secret', verifier)).toBe(false);
  }
});

test('takes printable ASCII only, and no text but a verifier for a verifier', async () => {
  for (const password of ['', 'pässword', 'line\nbreak']) {
    await expect(scramVerifier(password)).rejects.toThrow(RangeError);
    expect(await matchesScramVerifier(password, await scramVerifier('x'))).toBe(false);
  }
  expect(await matchesScramVerifier('secret', 'md5d41d8cd98f00b204e9800998ecf8427e')).toBe(false);
});
