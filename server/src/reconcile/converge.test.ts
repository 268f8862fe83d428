import { describe, expect, test } from 'vitest';
import type { Driver } from '../domain/driver.ts';
import { converge } from './converge.ts';
import { noFailPoint } from './fail-point.ts';

interface Tower {
  floors: number;
  looks: number;
}

/** Builds a tower to a height. Its plan sees at most two floors ahead, so that one look is not enough. */
function towerDriver(tower: Tower, sinks = false): Driver<number, number> {
  return {
    kind: 'cluster',
    stepNames: ['add-floor', 'take-floor'],
    async observe() {
      tower.looks++;
      return tower.floors === 0 ? null : tower.floors;
    },
    plan(wanted, floors) {
      const missing = wanted - (floors ?? 0);
      const name = missing > 0 ? 'add-floor' : 'take-floor';
      return Array.from({ length: Math.min(2, Math.abs(missing)) }, () => ({ name }));
    },
    async apply(_wanted, step) {
      if (!sinks) tower.floors += step.name === 'add-floor' ? 1 : -1;
    },
  };
}

const open = new AbortController().signal;
const options = { signal: open, point: 'tower/active', failPoint: noFailPoint };

describe('converge', () => {
  test('looks until a look finds no work, and hands out that look', async () => {
    const tower = { floors: 0, looks: 0 };
    const result = await converge(towerDriver(tower), 3, options);
    expect(result).toEqual({ observation: 3, steps: ['add-floor', 'add-floor', 'add-floor'] });
    expect(tower.looks).toBe(3);
  });

  test('takes no step when there is nothing to do', async () => {
    const tower = { floors: 3, looks: 0 };
    expect(await converge(towerDriver(tower), 3, options)).toEqual({ observation: 3, steps: [] });
    expect(tower.looks).toBe(1);
  });

  test('nothing left outside is an answer: null', async () => {
    expect(await converge(towerDriver({ floors: 2, looks: 0 }), 0, options)).toEqual({
      observation: null,
      steps: ['take-floor', 'take-floor'],
    });
  });

  test('steps that never end are a fault that names them', async () => {
    await expect(converge(towerDriver({ floors: 0, looks: 0 }, true), 1, options)).rejects.toMatchObject({
      code: 'reconcile.unsettled',
      details: { steps: Array(8).fill('add-floor') },
    });
  });

  test('passes a fail point before and after each step, and stops where one fails', async () => {
    const tower = { floors: 0, looks: 0 };
    const points: string[] = [];
    const failPoint = (point: string) => {
      points.push(point);
      if (points.length === 3) throw new Error('armed');
    };
    await expect(converge(towerDriver(tower), 2, { ...options, failPoint })).rejects.toThrow('armed');
    expect(points).toEqual([
      'tower/active/add-floor:before',
      'tower/active/add-floor:after',
      'tower/active/add-floor:before',
    ]);
    expect(tower.floors).toBe(1);
  });

  test('takes no further step once it is told to stop', async () => {
    const tower = { floors: 0, looks: 0 };
    const stop = new AbortController();
    const onStep = () => stop.abort();
    const going = converge(towerDriver(tower), 5, { ...options, signal: stop.signal, onStep });
    await expect(going).rejects.toThrow(/abort/);
    expect(tower.floors).toBe(1);
  });

  test('what the driver throws goes through as it is', async () => {
    const blind = towerDriver({ floors: 0, looks: 0 });
    const lost = { ...blind, observe: () => Promise.reject(new RangeError('no view')) };
    await expect(converge(lost, 1, options)).rejects.toThrow(new RangeError('no view'));
  });
});
