import { expect, test } from 'vitest';
import { readSettings } from '../config/read-settings.ts';
import { renderMaskedConfig } from './masked-config.ts';

const TEXT = `db-uri = "host=h user=u password=hunter2"
db-anon-role = "an\\"on"
jwt-secret = "hunter2hunter2hunter2hunter2hunter2"
app.settings.key = "hunter2"
db-max-rows = 5
server-unix-socket-mode = "600"
`;

test('secrets are masked, and the rest can be read again', async () => {
  const settings = await readSettings(TEXT);
  const rendered = renderMaskedConfig(settings);
  expect(rendered).not.toContain('hunter2');
  expect(rendered).toContain('app.settings.key = "******"\n');
  const again = await readSettings(
    rendered.replace('jwt-secret = "******"', `jwt-secret = "${'x'.repeat(32)}"`),
  );
  expect(again.warnings).toEqual([]);
  expect(again.server).toEqual(settings.server);
  expect({ ...again.tenant, dbUri: '', jwtSecret: null, appSettings: {} }).toEqual({
    ...settings.tenant,
    dbUri: '',
    jwtSecret: null,
    appSettings: {},
  });
});
