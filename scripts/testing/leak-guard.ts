import { afterAll, expect } from 'vitest';

// Loaded before every test file, so that this hook runs after all others of the file. Whatever still keeps the
// process alive then was leaked by the file: a child process, a listening server, a timer, an open pool.

const leakKinds = ['ProcessWrap', 'TCPServerWrap', 'PipeServerWrap', 'TCPSocketWrap', 'TLSWrap', 'Timeout'];
const graceMs = 3_000;

// Vitest's own channel and timers are there before the file begins.
const own = countLeaks();

afterAll(async () => {
  const deadline = Date.now() + graceMs;
  while (listLeaks().length > 0 && Date.now() < deadline) await pause();
  expect(listLeaks(), 'the test file leaves these open').toEqual([]);
}, graceMs * 2);

function listLeaks(): string[] {
  const now = countLeaks();
  return leakKinds.filter((kind) => (now.get(kind) ?? 0) > (own.get(kind) ?? 0));
}

function countLeaks(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
