import { expect, test } from 'vitest';
import { RestFault } from '../fault.ts';
import { Admission } from './admission.ts';

function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

test('no more run at a time than may, the others in their order', async () => {
  const admission = new Admission({ running: 2, waiting: 10, waitMs: 5_000 });
  const order: number[] = [];
  const gates = [gate(), gate(), gate(), gate()];
  const runs = gates.map(({ opened }, index) =>
    admission.run(async () => {
      order.push(index);
      await opened;
    }),
  );
  await Promise.resolve();
  expect([order, admission.running, admission.waiting]).toEqual([[0, 1], 2, 2]);
  gates[1]?.open();
  await runs[1];
  await Promise.resolve();
  expect([order, admission.running, admission.waiting]).toEqual([[0, 1, 2], 2, 1]);
  for (const { open } of gates) open();
  await Promise.all(runs);
  expect([order, admission.running, admission.waiting]).toEqual([[0, 1, 2, 3], 0, 0]);
});

test('who finds the queue full is sent away at once, to come back', async () => {
  const admission = new Admission({ running: 1, waiting: 1, waitMs: 5_000 });
  const { opened, open } = gate();
  const runs = [admission.run(() => opened), admission.run(() => opened)];
  const refused = await admission.run(() => opened).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(RestFault);
  expect(refused).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
  open();
  await Promise.all(runs);
});

test('who waits too long is told so, and takes no place', async () => {
  const admission = new Admission({ running: 1, waiting: 1, waitMs: 10 });
  const { opened, open } = gate();
  const first = admission.run(() => opened);
  await expect(admission.run(() => opened)).rejects.toMatchObject({ status: 504, code: 'PGRST003' });
  expect([admission.running, admission.waiting]).toEqual([1, 0]);
  open();
  await first;
  expect(admission.running).toBe(0);
});

test('failed work gives its place back', async () => {
  const admission = new Admission({ running: 1, waiting: 0, waitMs: 10 });
  await expect(admission.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await admission.run(() => Promise.resolve('fine'))).toBe('fine');
});
