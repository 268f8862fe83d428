/** The document that describes all of it, and the page that shows it. */
import { beforeAll, expect, test } from 'vitest';
import { type Api, api } from './support/api.ts';
import { useProduct } from './support/product.ts';
import { addresses, prefixes } from './support/routes.ts';

interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly operationId?: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, unknown>>;
}

const product = useProduct();
let nobody: Api;
let document: OpenApi;

beforeAll(async () => {
  nobody = api(product().url);
  const answer = await nobody.get<OpenApi>('/api/openapi.json');
  expect(answer.status).toBe(200);
  document = answer.body;
});

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

function described(): string[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => methods.includes(method))
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
}

test('it is an OpenAPI 3.1 document with a title and a version', () => {
  expect(document.openapi).toMatch(/^3\.1\.\d+$/);
  expect(document.info).toMatchObject({
    title: expect.any(String),
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });
});

test('it lists every promised route at every path, and no other under the prefixes of the contracts', () => {
  const promised = addresses.map(({ label }) => label);
  const listed = described();
  expect(listed).toEqual(expect.arrayContaining(promised));
  const ours = listed.filter((label) => {
    const [, path = ''] = label.split(' ');
    return prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
  });
  expect(ours.filter((label) => !promised.includes(label))).toEqual([]);
});

test('no two operations share an id', () => {
  const ids = Object.values(document.paths).flatMap((item) =>
    Object.entries(item)
      .filter(([method]) => methods.includes(method))
      .map(([, operation]) => operation.operationId),
  );
  const given = ids.filter((id) => id !== undefined);
  expect(new Set(given).size).toBe(given.length);
});

test.each(addresses.map((address) => [address.label, address] as const))(
  '%s has its parameters, body and answers described',
  (_, { route, path }) => {
    const operation = document.paths[path]?.[route.method.toLowerCase()];
    expect(Object.keys(operation?.responses ?? {}).sort()).toEqual(Object.keys(route.responses).sort());
    const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
    const parameters = (operation?.parameters ?? []).filter((parameter) => parameter.in === 'path');
    expect(parameters.map((parameter) => parameter.name).sort()).toEqual(inPath.sort());
    expect(operation?.requestBody !== undefined).toBe(route.body !== undefined || route.upload === true);
  },
);

test('every reference inside the document leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"(#[^"]*)"/g)].map(
    ([, target = '']) => target,
  );
  const dangling = [...new Set(references)].filter((target) => {
    const steps = target.slice(2).split('/');
    const found = steps.reduce<unknown>(
      (at, step) => (at as Record<string, unknown> | undefined)?.[step.replaceAll('~1', '/')],
      document,
    );
    return found === undefined;
  });
  expect(dangling).toEqual([]);
});

/** What a page makes a browser load: scripts, styles, pictures, fonts. */
function loadedBy(html: string): string[] {
  const tags = html.matchAll(
    /<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)\s*=\s*["']?([^"'\s>]+)/gi,
  );
  const styles = html.matchAll(/(?:@import|url\()\s*["']?([^"')\s]+)/gi);
  return [...tags, ...styles]
    .map(([, target = '']) => target)
    .filter((target) => !target.startsWith('data:'));
}

test('the documents page loads from this host alone', async () => {
  let page = await nobody.get<string>('/docs');
  for (let hops = 0; hops < 3 && page.status >= 300 && page.status < 400; hops += 1) {
    page = await nobody.get<string>(new URL(String(page.headers.location), `${product().url}/docs`).pathname);
  }
  expect(page.status).toBe(200);
  expect(page.headers['content-type']).toMatch(/^text\/html/);
  const base = new URL('/docs/', product().url);
  const targets = loadedBy(page.text).map((target) => new URL(target, base));
  expect(targets.length).toBeGreaterThan(0);
  expect(targets.filter((target) => target.origin !== product().url)).toEqual([]);
  for (const target of targets) {
    const { status } = await nobody.get(`${target.pathname}${target.search}`);
    expect({ target: target.pathname, status }).toEqual({ target: target.pathname, status: 200 });
  }
});
