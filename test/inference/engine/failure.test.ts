import { expect, it } from 'vitest';
import { failureOf } from '../../../inference/engine/failure.ts';
import { SessionError } from '../../../inference/graph/session.ts';

it.each([
  ['a session that finds no memory', new SessionError('out_of_memory', 'There is not enough memory.', null)],
  ['an allocation of ONNX Runtime', new Error('Failed to allocate memory for requested buffer of size 4096')],
  ['an array of ours', new RangeError('Array buffer allocation failed')],
])('%s is out of memory, which is worth a try in a new process', (_what, error) => {
  expect(failureOf(error).code).toBe('out_of_memory');
});

it('a provider that does not work is no fault of the picture, and any other failure is internal', () => {
  expect(failureOf(new SessionError('provider', 'It needs CUDA.', null))).toEqual({
    code: 'provider',
    message: 'It needs CUDA.',
  });
  expect(failureOf(new SessionError('failed', 'Could not run the model.', null)).code).toBe('internal');
});
