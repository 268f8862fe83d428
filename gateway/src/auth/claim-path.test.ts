import { describe, expect, it } from 'vitest';
import { findClaim, parseClaimPath } from './claim-path.ts';

const claims = {
  role: 'author',
  'https://example.com/role': { key: 'editor' },
  postgrest: { roles: ['other', 'author'], groups: ['/groupa', '/groupb/'] },
  'üser$_@1': 'x',
};

describe('parseClaimPath', () => {
  it.each([
    ['.role', 'author'],
    ['."https://example.com/role".key', 'editor'],
    ['.postgrest.roles[1]', 'author'],
    ['.postgrest.roles[?(@ == "author")]', 'author'],
    ['.postgrest.roles[?(@ != "other")]', 'author'],
    ['.postgrest.roles[?(@ ^== "aut")]', 'author'],
    ['.postgrest.roles[?(@ ==^ "hor")]', 'author'],
    ['.postgrest.roles[?(@ *== "utho")]', 'author'],
    ['.postgrest.roles[?(@=="author")]', 'author'],
    ['.postgrest.groups[0][1:]', 'groupa'],
    ['.postgrest.groups[1][1:-1]', 'groupb'],
    ['.postgrest.groups[?(@ ==^ "/")][:3]', '/gr'],
    ['.role[:]', 'author'],
    ['.üser$_@1', 'x'],
  ])('%s finds %s', (path, expected) => {
    expect(findClaim(claims, parseClaimPath(path))).toBe(expected);
  });

  it.each([
    '.missing',
    '.role.deeper',
    '.role[0]',
    '.postgrest.roles[7]',
    '.postgrest.roles[?(@ == "nobody")]',
    '.role[4:2]',
    '.postgrest[1:]',
    '.toString',
    '.__proto__',
  ])('%s finds nothing', (path) => {
    expect(findClaim(claims, parseClaimPath(path))).toBeUndefined();
  });

  it.each(['', 'role', '.', '.role.', '.a-b', '.roles[', '.roles[-1]', '.roles[?(@ ~ "x")]', '[0]', '.a b'])(
    'refuses %j',
    (path) => {
      expect(() => parseClaimPath(path)).toThrow(/jwt-role-claim-key/);
    },
  );
});
