import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, exchange } from './api.ts';

export interface Paced {
  readonly url: string;
  readonly token: string;
  readonly path: string;
  readonly perSecond: number;
  readonly forMs: number;
}

/** Sends requests at an even pace, late or early answers notwithstanding; all answers, in the order of sending. */
export async function sendAtPace({ url, token, path, perSecond, forMs }: Paced): Promise<Answer[]> {
  const sent: Promise<Answer>[] = [];
  const start = performance.now();
  const count = Math.round((perSecond * forMs) / 1000);
  for (let i = 0; i < count; i++) {
    const dueMs = start + (i * 1000) / perSecond - performance.now();
    if (dueMs > 0) await pause(dueMs);
    sent.push(exchange(url, { method: 'GET', path, headers: { authorization: `Bearer ${token}` } }));
  }
  return Promise.all(sent);
}

export function countOf(answers: readonly Answer[], status: number): number {
  return answers.filter((answer) => answer.status === status).length;
}
