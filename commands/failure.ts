import type { JobFailure } from './job.ts';
import { en } from './locale/en.ts';
import type { Messages } from './locale/index.ts';

type KnownCode = keyof Messages['failures'];

/** A failure that we have words for, as it is kept: in English, for the operator. `name` is what it is about. */
export function jobFailure(code: KnownCode, name?: string): JobFailure {
  return { code, message: wordsFor(code, name, en), ...(name !== undefined && { name }) };
}

/** One line for the person who asked, in their language as far as we have words for it. */
export function failureText({ code, message, name }: JobFailure, messages: Messages): string {
  return isKnown(code) ? wordsFor(code, name, messages) : message;
}

function wordsFor(code: KnownCode, name: string | undefined, { failures }: Messages): string {
  const words = failures[code];
  return typeof words === 'string' ? words : words(name ?? '');
}

function isKnown(code: string): code is KnownCode {
  return Object.hasOwn(en.failures, code);
}
