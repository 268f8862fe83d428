import { expect, test } from 'vitest';
import { readDumpContents, readExtensionPlaces, withoutSchemas } from './dump-contents.ts';

const LISTING = `;
; Archive created at 2026-01-01 00:00:00 UTC
;     dbname: shop
;
6; 2615 16400 SCHEMA - crypt postgres
7; 2615 2200 SCHEMA - public postgres
8; 2615 16401 SCHEMA - publications postgres
3500; 0 0 COMMENT - SCHEMA public postgres
2; 3079 16402 EXTENSION - uuid-ossp 
3501; 0 0 COMMENT - EXTENSION "uuid-ossp" 
3; 3079 16403 EXTENSION - pgcrypto 
3490; 1262 16384 DATABASE - shop postgres
3491; 0 0 DATABASE PROPERTIES - shop postgres
215; 1259 16410 TABLE public things postgres
3502; 0 0 COMMENT public TABLE things postgres
3503; 0 0 ACL public TABLE things postgres
2060; 826 16420 DEFAULT ACL public DEFAULT PRIVILEGES FOR TABLES postgres
3480; 0 16410 TABLE DATA public things postgres
`;

test('extensions, the schema public, privileges and the database stay out', () => {
  const { list, extensionList, extensions } = readDumpContents(LISTING);
  expect(list.split('\n').map((line) => line.split(';')[0])).toEqual(['6', '8', '215', '3502', '3480', '']);
  expect(extensions).toEqual(['uuid-ossp', 'pgcrypto']);
  expect(extensionList).toBe('2; 3079 16402 EXTENSION - uuid-ossp \n3; 3079 16403 EXTENSION - pgcrypto \n');
  expect(withoutSchemas(list, ['crypt'])).not.toContain('SCHEMA - crypt');
  expect(withoutSchemas(list, ['public'])).toContain('SCHEMA - publications');
});

test('an extension goes where the dump had it, and to public when it does not say', () => {
  const script = `
CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA "odd ""place";
CREATE EXTENSION IF NOT EXISTS stranger WITH SCHEMA crypt;
`;
  expect(readExtensionPlaces(script, ['uuid-ossp', 'pgcrypto'])).toEqual([
    { name: 'uuid-ossp', schema: 'odd "place' },
    { name: 'pgcrypto', schema: 'public' },
  ]);
});
