import { describe, expect, test } from 'vitest';
import { RestFault } from '../../fault.ts';
import type { Action, Payload } from '../api-request.ts';
import { parseContentType } from '../parse-media-types.ts';
import { parsePayload } from './parse-payload.ts';

function payload(
  action: Action,
  body: Buffer | string,
  contentTypeHeader?: string,
  columns: readonly string[] | null = null,
): Payload | null {
  return parsePayload({
    action,
    method: 'POST',
    body: Buffer.from(body),
    contentType: parseContentType(contentTypeHeader),
    contentTypeHeader,
    columns,
  });
}

function json(text: string, keys: string[], isArray = text.startsWith('[')): object {
  return { kind: 'json', text, isArray, keys };
}

describe('JSON', () => {
  test('is one object or an array of alike ones; its text is kept', () => {
    expect(payload('insert', ' {"b":1,"a":12345678901234567890} ')).toEqual(
      json(' {"b":1,"a":12345678901234567890} ', ['b', 'a'], false),
    );
    expect(payload('insert', '[{"a":1,"b":2},{"b":3,"a":4}]')).toEqual(
      json('[{"a":1,"b":2},{"b":3,"a":4}]', ['a', 'b']),
    );
    expect(payload('update', '[]')).toEqual(json('[]', []));
    expect(payload('insert', '3')).toEqual(json('[]', []));
  });

  test('must have the same keys everywhere', () => {
    const bodies = [
      '[{"a":1},{"b":1}]',
      '[{"a":1},{"a":1,"b":1}]',
      '[{"a":1},3]',
      '[1]',
      '[[]]',
      '[{},{"a":1}]',
    ];
    for (const body of bodies) expect(() => payload('insert', body)).toThrow('All object keys must match');
  });

  test('may be ragged where columns are named', () => {
    expect(payload('insert', ' [{"a":1},{"b":1}]', undefined, ['a'])).toEqual(
      json(' [{"a":1},{"b":1}]', ['a'], true),
    );
    expect(payload('insert', '{"a":1}', undefined, ['a'])).toEqual(json('{"a":1}', ['a']));
  });

  test('must be JSON in UTF-8; an empty body is no arguments', () => {
    for (const body of ['', '{', '{"a":\u0000}', Buffer.from([0x22, 0xff, 0x22])]) {
      expect(() => payload('insert', body)).toThrow('Empty or invalid json');
    }
    expect(payload('call', '')).toEqual(json('{}', []));
    expect(() => payload('call', ' ')).toThrow('Empty or invalid json');
  });

  test('keys are only keys', () => {
    expect(payload('insert', '{"__proto__":1,"constructor":2}')?.kind).toBe('json');
    expect(payload('insert', '[{"__proto__":1},{"__proto__":2}]')).toMatchObject({ keys: ['__proto__'] });
  });
});

describe('CSV', () => {
  const csv = (body: string): Payload | null => payload('insert', body, 'text/csv; charset=utf-8');

  test('becomes rows of texts and nulls', () => {
    expect(csv('a,"b ""x"""\r\n1,NULL\r\n\r\n"2,\n3",\n')).toEqual(
      json('[{"a":"1","b \\"x\\"":null},{"a":"2,\\n3","b \\"x\\"":""}]', ['a', 'b "x"']),
    );
    expect(csv('a,b\n')).toEqual(json('[]', []));
  });

  test('must be even and whole', () => {
    expect(() => csv('a,b\nfoo,bar\nbaz')).toThrow('All lines must have same number of fields');
    expect(() => csv('')).toThrow('parse error (not enough input) at ""');
    expect(() => csv('a,b')).toThrow('parse error (not enough input) at ""');
    expect(() => csv('a\n"b')).toThrow('parse error (not enough input) at ""');
    expect(() => csv('a\nb"c')).toThrow('parse error (endOfInput) at "\\"c"');
    expect(() => csv('a\n"b"c')).toThrow('parse error (endOfInput) at "c"');
  });
});

describe('other bodies', () => {
  const form = 'application/x-www-form-urlencoded';

  test('forms are one row, or arguments', () => {
    expect(payload('insert', 'a=1&b=x+y%26&c', form)).toEqual(
      json('{"a":"1","b":"x y&","c":""}', ['a', 'b', 'c']),
    );
    expect(payload('call', 'a=1&a=2', form)).toEqual({
      kind: 'form',
      fields: [
        ['a', '1'],
        ['a', '2'],
      ],
    });
  });

  test('raw ones are for functions', () => {
    const bytes = Buffer.from([0, 255]);
    for (const type of ['text/plain', 'text/xml', 'application/octet-stream']) {
      expect(payload('call', bytes, type)).toEqual({ kind: 'raw', bytes });
      const fault = new RestFault(400, 'PGRST102', `Content-Type not acceptable: ${type}`);
      expect(() => payload('insert', bytes, `${type};charset=UTF-8`)).toThrow(fault);
    }
    expect(() => payload('call', '', 'Image/PNG;a=b')).toThrow('Content-Type not acceptable: Image/PNG;a=b');
  });

  test('are not read where none is taken', () => {
    expect(payload('delete', '{', 'image/png')).toBeNull();
    expect(payload('read', '{')).toBeNull();
  });
});
