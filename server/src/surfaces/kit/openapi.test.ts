import { pathsOf, publicContracts } from '@backyard/contracts';
import { describe, expect, test } from 'vitest';
import { renderOpenApi } from './openapi.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: object;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Record<string, { schema: object }> };
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}

/** As a client reads it: plain JSON. */
const document = JSON.parse(JSON.stringify(renderOpenApi(publicContracts, '1.2.3')));
const paths = document.paths as Record<string, Record<string, Operation>>;
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
const routes = publicContracts.flatMap((contract) => contract.routes);

describe('the OpenAPI document', () => {
  test('is OpenAPI 3.1 with a title and a version', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Backyard', version: '1.2.3' } });
  });

  test('has each route at each of its paths, and nothing else', () => {
    const promised = routes.flatMap((route) =>
      pathsOf(route).map((path) => `${route.method.toLowerCase()} ${path}`),
    );
    expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(promised.sort());
  });

  test('gives each operation an id of its own', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('names every parameter of a path, each required, and none that the path lacks', () => {
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const described = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect(described.map(({ name }) => name).sort(), path).toEqual(inPath.sort());
      expect(described.every(({ required }) => required)).toBe(true);
    }
  });

  test('says of every answer what it is, and gives its body where it has one', () => {
    for (const { path, operation } of operations) {
      expect(Object.keys(operation.responses).length, path).toBeGreaterThan(0);
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(response.description).not.toBe('');
        const [content] = Object.values(response.content ?? {});
        expect(content?.schema !== undefined, `${path} ${status}`).toBe(
          !['101', '204', '302'].includes(status),
        );
      }
    }
  });

  test('asks for a credential exactly where the contract does', () => {
    const open = operations
      .filter(({ operation }) => operation.security.length === 0)
      .map(({ path }) => path);
    const promised = routes.filter(({ access, socket }) => access === 'anyone' && !socket).flatMap(pathsOf);
    expect(open.sort()).toEqual(promised.sort());
    expect(open).toContain('/api/v1/auth/login');
    expect(open).not.toContain('/api/v1/auth/me');
    for (const { operation } of operations) {
      const schemes = operation.security.flatMap((entry) => Object.keys(entry));
      expect(schemes.every((scheme) => scheme in document.components.securitySchemes)).toBe(true);
    }
  });

  test('describes bodies by the schemas that check them, required only where a field is', () => {
    const create = paths['/api/databases']?.post?.requestBody;
    expect(create).toEqual({
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string', minLength: 1 } },
          },
        },
      },
    });
    const rotate = paths['/databases/{database_id}/users/{pg_user_id}/regenerate-password']?.post;
    expect(rotate?.requestBody?.required).toBe(false);
    expect(rotate?.description).toContain('/api/databases/{database_id}/pgusers');
  });

  test('lists query parameters as optional', () => {
    const query = paths['/api/databases']?.get?.parameters.map(({ name, in: place, required }) => [
      name,
      place,
      required,
    ]);
    expect(query).toEqual([
      ['limit', 'query', false],
      ['offset', 'query', false],
      ['scope', 'query', false],
    ]);
  });
});

describe('the route lists', () => {
  test('no two routes share a method and a path', () => {
    const all = routes.flatMap((route) =>
      pathsOf(route).map((path) => `${route.method} ${path.replaceAll(/\{\w+\}/g, '{}')}`),
    );
    expect(new Set(all).size).toBe(all.length);
  });

  test('every path lies under a prefix of a contract, so that mistakes near it get the right envelope', () => {
    const prefixes = publicContracts.flatMap((contract) => contract.prefixes);
    expect(new Set(prefixes).size).toBe(prefixes.length);
    for (const path of routes.flatMap(pathsOf)) {
      expect(
        prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`)),
        path,
      ).toBe(true);
    }
  });

  test('every route that needs a credential promises 401 and 500', () => {
    for (const route of routes.filter(({ access }) => access !== 'anyone')) {
      expect(Object.keys(route.responses), route.operation).toEqual(expect.arrayContaining(['401', '500']));
    }
  });

  test('owner routes promise 404, routes with a body 413', () => {
    for (const route of routes) {
      const statuses = Object.keys(route.responses);
      if (route.access === 'owner') expect(statuses, route.operation).toContain('404');
      if (route.body) expect(statuses, route.operation).toContain('413');
      expect(
        statuses.some((status) => /^(101|2..|302)$/.test(status)),
        route.operation,
      ).toBe(true);
    }
  });
});
