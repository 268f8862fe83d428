import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CallPlan } from '../plan/plan.ts';
import type { Parameter, Routine } from '../schema/schema-cache.ts';
import { renderCall } from './render-call.ts';
import { Values } from './values.ts';

const a: Parameter = { name: 'a', type: 'integer', isRequired: true, isVariadic: false };
const list: Parameter = { name: 'l', type: 'text[]', isRequired: false, isVariadic: true };

function render(given: CallPlan['arguments'], changes: Partial<Routine> = {}, returning: string[] = ['*']) {
  const routine: Routine = {
    schema: 'api',
    name: 'f"',
    description: null,
    parameters: [a],
    returns: { isSet: false, kind: 'scalar', type: { schema: 'pg_catalog', name: 'int4' }, isRecord: false },
    volatility: 'stable',
    hasVariadic: false,
    settings: [],
    isolation: null,
    ...changes,
  };
  const values = new Values();
  const range = { limit: null, offset: 0 };
  const read = {
    alias: 'f',
    from: { kind: 'source' },
    select: [],
    where: [],
    order: [],
    range,
    embeds: [],
  } as const;
  return [renderCall({ kind: 'call', routine, arguments: given, returning, read }, values), values.list];
}

const composite = {
  returns: { isSet: true, kind: 'composite', type: { schema: 's', name: 't' }, isRecord: false },
} as const;

test('texts are cast to the types of their parameters', () => {
  const given = { kind: 'texts', values: [{ parameter: a, texts: ['1', '2'] }] } as const;
  expect(render(given)).toEqual(['SELECT "api"."f"""("a" := $1::integer) AS pgrst_scalar', ['2']]);
});

test('a composite is called in FROM, and only what is needed is taken', () => {
  const given = { kind: 'json', text: '{"a":1}', isArray: false, parameters: [a] } as const;
  expect(render(given, composite, ['x', 'y"'])).toEqual([
    'SELECT "pgrst_call"."x", "pgrst_call"."y""" FROM json_to_record($1::json) AS pgrst_arguments("a" integer), ' +
      'LATERAL "api"."f"""("a" := "pgrst_arguments"."a") AS pgrst_call',
    ['{"a":1}'],
  ]);
  const none = { kind: 'json', text: '{}', isArray: false, parameters: [] } as const;
  expect(render(none, composite)).toEqual(['SELECT pgrst_call.* FROM "api"."f"""() AS pgrst_call', []]);
});

test('of an array the first element counts', () => {
  const given = { kind: 'json', text: '[]', isArray: true, parameters: [a] } as const;
  expect(render(given)[0]).toContain('FROM json_to_record(($1::json)->0) AS');
});

test('texts of a variadic parameter are one array, whatever they hold', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
      const given = { kind: 'texts', values: [{ parameter: list, texts }] } as const;
      const [text, values] = render(given, { parameters: [list], hasVariadic: true });
      expect(text).toBe('SELECT "api"."f"""(VARIADIC "l" := $1::text[]) AS pgrst_scalar');
      const elements = [...String(values?.[0]).matchAll(/"((?:[^"\\]|\\.)*)"/gs)];
      expect(elements.map(([, element]) => element?.replaceAll(/\\(.)/gs, '$1'))).toEqual(texts);
    }),
  );
});

test('an absent variadic parameter leaves the others to their places', () => {
  const given = { kind: 'texts', values: [{ parameter: a, texts: ['1'] }] } as const;
  const [text] = render(given, { parameters: [a, list], hasVariadic: true });
  expect(text).toBe('SELECT "api"."f"""($1::integer) AS pgrst_scalar');
});

test('a body goes as bytes to bytea, and as text elsewhere', () => {
  const payload = { kind: 'raw', bytes: Buffer.from('é') } as const;
  const given = (type: string) => ({ kind: 'body', parameter: { ...a, name: '', type }, payload }) as const;
  expect(render(given('bytea'))).toEqual([expect.stringContaining('($1::bytea)'), [Buffer.from('é')]]);
  expect(render(given('xml'))).toEqual([expect.stringContaining('($1::xml)'), ['é']]);
});
