import { type Contract, defineContract, type Method } from '@backyard/contracts';
import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import type { Surface } from './surface.ts';
import { unrouted } from './unrouted.ts';

function route(method: Method, path: string, alsoAt: readonly string[] = []) {
  const responses = { 200: Type.Object({}) };
  return {
    operation: `${method} ${path}`,
    method,
    path,
    alsoAt,
    access: 'user' as const,
    summary: '',
    responses,
  };
}

/** A surface that answers each problem with its own name and the problem. */
function surface(name: string, prefixes: readonly string[], routes: Contract['routes']): Surface {
  const contract = defineContract({ name, title: name, prefixes, routes });
  return {
    contract,
    implementations: {},
    remembered: new Set(),
    readsItself: new Set(),
    present: (problem, at) => ({ status: 400, body: { name, problem, at } }),
  };
}

const answer = unrouted([
  surface(
    'boxes',
    ['/boxes'],
    [
      route('GET', '/boxes', ['/old/boxes']),
      route('POST', '/boxes'),
      route('GET', '/boxes/{id}'),
      route('DELETE', '/boxes/{id}'),
      route('POST', '/boxes/{id}/open.now'),
    ],
  ),
  surface('rare', ['/boxes/rare'], [route('PUT', '/boxes/rare/{id}/{part}')]),
]);

function problem(url: string, method = 'PATCH'): unknown {
  const { body } = answer(method, url);
  return (body as { problem?: unknown }).problem;
}

describe('requests that no route takes', () => {
  test('a path that exists is told its methods, a GET with its HEAD', () => {
    expect(problem('/boxes')).toEqual({ kind: 'method', allow: 'GET, HEAD, POST' });
    expect(problem('/boxes/7')).toEqual({ kind: 'method', allow: 'DELETE, GET, HEAD' });
    expect(problem('/boxes/7?deep=1')).toEqual({ kind: 'method', allow: 'DELETE, GET, HEAD' });
    expect(problem('/boxes/7/open.now')).toEqual({ kind: 'method', allow: 'POST' });
  });

  test('a path and a method that exist have another fault: the path names nothing', () => {
    expect(problem('/boxes/%zz', 'GET')).toEqual({ kind: 'not-found' });
    expect(problem('/boxes/%zz', 'HEAD')).toEqual({ kind: 'not-found' });
    expect(problem('/boxes/%zz', 'POST')).toEqual({ kind: 'method', allow: 'DELETE, GET, HEAD' });
  });

  test.each(['/boxes/', '/boxes/7/', '/boxes//', '/boxes/7/open', '/boxes/7/openXnow', '/boxes/7/8/9'])(
    '%s does not exist',
    (url) => expect(problem(url)).toEqual({ kind: 'not-found' }),
  );

  test('the contract with the longest prefix answers, in its envelope', () => {
    const nameOf = (url: string) => (answer('GET', url).body as { name?: string }).name;
    expect(nameOf('/boxes/none/such')).toBe('boxes');
    expect(nameOf('/boxes/rare')).toBe('rare');
    expect(nameOf('/boxes/rare/1/2')).toBe('rare');
    expect(nameOf('/boxes/rarely')).toBe('boxes');
  });

  test('what belongs to nobody is a plain 404, also where the name only begins alike', () => {
    for (const url of ['/', '/boxesful', '/boxe', '/elsewhere', '/Boxes']) {
      expect(answer('GET', url)).toEqual({
        status: 404,
        body: { message: 'Not Found', detail: 'Not Found' },
      });
    }
  });
});
