import { describe, expect, it } from 'vitest';
import type {
  Column,
  KeyRelationship,
  Parameter,
  Routine,
  SchemaCache,
  Table,
} from '../schema/schema-cache.ts';
import { renderOpenApi } from './render-openapi.ts';

const settings = {
  openapiMode: 'follow-privileges',
  openapiSecurityActive: false,
  openapiServerProxyUri: null,
} as const;
const everything = { schema: 'test', tables: null, routines: null };

function columnOf(name: string, changes: Partial<Column> = {}): Column {
  return {
    name,
    description: null,
    type: 'integer',
    nominalType: 'integer',
    isNullable: true,
    isGenerated: false,
    defaultExpression: null,
    maxLength: null,
    enumValues: [],
    isCompositeOrArray: false,
    ...changes,
  };
}

function tableOf(name: string, columns: readonly Column[], changes: Partial<Table> = {}): Table {
  return {
    schema: 'test',
    name,
    description: null,
    isView: false,
    isInsertable: true,
    isUpdatable: true,
    isDeletable: true,
    primaryKey: ['id'],
    columns: new Map(columns.map((column) => [column.name, column])),
    ...changes,
  };
}

function routineOf(name: string, parameters: readonly Parameter[], changes: Partial<Routine> = {}): Routine {
  return {
    schema: 'test',
    name,
    description: null,
    parameters,
    returns: {
      isSet: false,
      kind: 'scalar',
      type: { schema: 'pg_catalog', name: 'int4' },
      isRecord: false,
    },
    volatility: 'volatile',
    hasVariadic: false,
    settings: [],
    isolation: null,
    ...changes,
  };
}

function referenceTo(far: string, columns: KeyRelationship['cardinality']): KeyRelationship {
  return {
    kind: 'key',
    near: { schema: 'test', name: 'items' },
    far: { schema: 'test', name: far },
    isSelf: false,
    cardinality: columns,
    isNearView: false,
    isFarView: far.endsWith('_view'),
  };
}

const items = tableOf(
  'items',
  [
    columnOf('id', {
      isNullable: false,
      description: 'Number',
      defaultExpression: "nextval('test.items_id_seq'::regclass)",
    }),
    columnOf('owner', { type: 'bigint' }),
    columnOf('name', {
      type: 'character varying',
      maxLength: 40,
      defaultExpression: "'new'::character varying",
    }),
    columnOf('state', { type: 'test.state', enumValues: ['on', 'off'] }),
    columnOf('tags', { type: 'text[]' }),
    columnOf('extra', { type: 'jsonb', description: 'Anything' }),
  ],
  { description: 'What we sell\n\nAnd what\nwe do not.' },
);
const report = tableOf('a~b/c', [columnOf('n')], {
  isInsertable: false,
  isUpdatable: false,
  isDeletable: false,
  primaryKey: [],
});
const one = { type: 'integer', isRequired: true, isVariadic: false } as const;
const add = routineOf(
  'add',
  [
    { name: 'a', ...one },
    { name: 'b', ...one, isRequired: false },
  ],
  {
    volatility: 'immutable',
    description: 'Adds\nthem',
  },
);
const collect = routineOf('collect', [{ name: 'v', type: 'text[]', isRequired: true, isVariadic: true }], {
  volatility: 'stable',
});
const change = routineOf('change', [{ name: 'tags', type: 'text[]', isRequired: true, isVariadic: false }]);

const key = ({ schema, name }: { schema: string; name: string }) => `${schema}\0${name}`;
const cache: SchemaCache = {
  tables: new Map([items, report, { ...items, schema: 'other' }].map((table) => [key(table), table])),
  relationships: new Map([
    [
      key(items),
      [
        referenceTo('owners_view', { kind: 'many-to-one', constraint: 'o', columns: [['owner', 'id']] }),
        referenceTo('owners', { kind: 'many-to-one', constraint: 'o', columns: [['owner', 'id']] }),
        referenceTo('lines', { kind: 'one-to-many', constraint: 'l', columns: [['id', 'item']] }),
        referenceTo('details', {
          kind: 'one-to-one',
          constraint: 'd',
          columns: [['id', 'item']],
          isReferenced: true,
        }),
      ],
    ],
  ]),
  routines: new Map([add, collect, change].map((routine) => [key(routine), [routine]])),
  representations: [],
  mediaConverters: [],
  timezones: new Set(),
  serverVersion: 170000,
  schemaDescriptions: new Map([['test', 'Shop\n\nAll of it']]),
};

/** As a client reads it: what JSON leaves out is not there. */
function documentOf(
  changes: Partial<Parameters<typeof renderOpenApi>[1]> = {},
  scope: Parameters<typeof renderOpenApi>[2] = everything,
) {
  const document: unknown = JSON.parse(
    JSON.stringify(renderOpenApi(cache, { ...settings, ...changes }, scope)),
  );
  return document as Record<string, Record<string, never>>;
}

describe('the document', () => {
  it('says what it is', () => {
    expect(documentOf()).toMatchObject({
      swagger: '2.0',
      info: { title: 'Shop', description: 'All of it' },
      basePath: '/',
      consumes: expect.arrayContaining(['application/json', 'text/csv']),
    });
    expect(documentOf()).not.toHaveProperty('security');
    expect(documentOf({}, { ...everything, schema: 'bare' }).info).toMatchObject({ title: 'PostgREST API' });
  });

  it.each([
    ['https://api.example/db/one', { host: 'api.example:443', basePath: '/db/one', schemes: ['https'] }],
    ['http://localhost:8080', { host: 'localhost:8080', basePath: '/', schemes: ['http'] }],
  ])('stands where %s says', (openapiServerProxyUri, place) => {
    expect(documentOf({ openapiServerProxyUri })).toMatchObject(place);
  });

  it('asks for a token when the settings say so', () => {
    expect(documentOf({ openapiSecurityActive: true })).toMatchObject({
      security: [{ JWT: [] }],
      securityDefinitions: { JWT: { type: 'apiKey', name: 'Authorization', in: 'header' } },
    });
  });

  it('is 404 PGRST126 when it is switched off', () => {
    expect(() => renderOpenApi(cache, { ...settings, openapiMode: 'disabled' }, everything)).toThrow(
      expect.objectContaining({
        status: 404,
        code: 'PGRST126',
        message: 'Root endpoint metadata is disabled',
      }),
    );
  });

  it('holds the schema, and of it what may be seen', () => {
    expect(Object.keys(documentOf().paths ?? {})).toEqual([
      '/',
      '/a~b/c',
      '/items',
      '/rpc/add',
      '/rpc/change',
      '/rpc/collect',
    ]);
    const scope = { schema: 'test', tables: new Set([key(items)]), routines: new Set<string>() };
    expect(Object.keys(documentOf({}, scope).paths ?? {})).toEqual(['/', '/items']);
    expect(Object.keys(documentOf({}, scope).definitions ?? {})).toEqual(['items']);
  });

  it('refers only to what it defines', () => {
    const text = JSON.stringify(documentOf());
    const references = [...text.matchAll(/"\$ref":"#\/([^"/]+)\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(10);
    for (const [, part, name] of references) {
      const plain = (name ?? '').replaceAll('~1', '/').replaceAll('~0', '~');
      expect(Object.keys(documentOf()[part ?? ''] ?? {})).toContain(plain);
    }
  });
});

describe('a table', () => {
  it('defines its rows', () => {
    expect(documentOf().definitions?.items).toEqual({
      description: 'What we sell\n\nAnd what\nwe do not.',
      required: ['id'],
      properties: {
        id: {
          description: 'Number\n\nNote:\nThis is a Primary Key.<pk/>',
          type: 'integer',
          format: 'integer',
        },
        owner: {
          description: "Note:\nThis is a Foreign Key to `owners.id`.<fk table='owners' column='id'/>",
          type: 'integer',
          format: 'bigint',
        },
        name: { default: 'new', maxLength: 40, type: 'string', format: 'character varying' },
        state: { enum: ['on', 'off'], type: 'string', format: 'test.state' },
        tags: { type: 'array', items: { type: 'string' }, format: 'text[]' },
        extra: { description: 'Anything', format: 'jsonb' },
      },
      type: 'object',
    });
  });

  it('has a path with a summary and what may be done', () => {
    const path = documentOf().paths?.['/items'];
    expect(Object.keys(path ?? {})).toEqual(['get', 'post', 'patch', 'delete']);
    expect(path).toMatchObject({
      get: { tags: ['items'], summary: 'What we sell', description: 'And what\nwe do not.' },
      post: { parameters: [{ $ref: '#/parameters/body.items' }, {}, {}], responses: { 201: {} } },
      patch: { responses: { 204: { description: 'No Content' } } },
    });
    expect(Object.keys(documentOf().paths?.['/a~b/c'] ?? {})).toEqual(['get']);
  });

  it('has a filter for each column, and a body', () => {
    expect(documentOf().parameters).toMatchObject({
      'rowFilter.items.extra': { name: 'extra', description: 'Anything', in: 'query', type: 'string' },
      'body.items': { in: 'body', schema: { $ref: '#/definitions/items' } },
      'body.a~b/c': { schema: { $ref: '#/definitions/a~0b~1c' } },
    });
  });
});

describe('a function', () => {
  it('that changes nothing has GET and POST', () => {
    expect(documentOf().paths?.['/rpc/add']).toMatchObject({
      get: {
        tags: ['(rpc) add'],
        summary: 'Adds',
        description: 'them',
        parameters: [
          { name: 'a', required: true, in: 'query', type: 'integer', format: 'integer' },
          { name: 'b', required: false },
        ],
      },
      post: { parameters: [{ name: 'args', in: 'body', schema: { required: ['a'], type: 'object' } }, {}] },
    });
  });

  it('that may change something has POST only', () => {
    expect(Object.keys(documentOf().paths?.['/rpc/change'] ?? {})).toEqual(['post']);
  });

  it('takes the values of a variadic parameter one by one', () => {
    const items = { type: 'string', format: 'text' };
    expect(documentOf().paths?.['/rpc/collect']).toMatchObject({
      get: { parameters: [{ name: 'v', type: 'array', items, collectionFormat: 'multi' }] },
    });
  });
});
