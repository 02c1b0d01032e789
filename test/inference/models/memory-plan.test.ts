import { expect, test } from 'vitest';
import { planMemory } from '../../../inference/models/memory-plan.ts';

const GIB = 2 ** 30;
const weightsOf = (parameters: number) =>
  new Map([
    ['weight', { file: '/model', offset: 0, byteLength: 2 * parameters, dtype: 'F16', shape: [parameters] } as const],
  ]);

test('the miniature is fast on any machine, a full-size UNet only where it fits several times', () => {
  expect(planMemory(weightsOf(16.5e6), 2 * GIB)).toEqual({ storage: 'fp32', memory: 'fast' });
  expect(planMemory(weightsOf(2.57e9), 16 * GIB)).toEqual({ storage: 'stored', memory: 'lean' });
  expect(planMemory(weightsOf(2.57e9), 128 * GIB)).toEqual({ storage: 'fp32', memory: 'fast' });
});

test('integers are laid out for speed where they fit several times', () => {
  expect(planMemory(weightsOf(70e6), 24 * GIB, 2.5e9)).toEqual({ storage: 'fp32', memory: 'fast' });
  expect(planMemory(weightsOf(70e6), 8 * GIB, 2.5e9)).toEqual({ storage: 'stored', memory: 'lean' });
});
