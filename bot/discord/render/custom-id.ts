/**
 * What a button or a form carries through Discord and back: all that is needed to run its command, so that it works after
 * any restart. Discord allows 100 characters.
 */
export type CustomId =
  | {
      readonly kind: 'button';
      readonly command: string;
      readonly target: string;
      readonly options: Readonly<Record<string, string>>;
      /** The answer takes the place of the message that was pressed: the next page of a list. */
      readonly inPlace: boolean;
    }
  /** Runs the command on another message, as its menu would: for a reaction, which cannot open a form. */
  | { readonly kind: 'on message'; readonly command: string; readonly channel: string; readonly message: string }
  | { readonly kind: 'form'; readonly command: string; readonly hidden: Readonly<Record<string, string>> };

export const MAX_CUSTOM_ID_LENGTH = 100;

const PREFIXES = {
  button: 'easel',
  withOptions: 'easel-with',
  inPlace: 'easel-page',
  onMessage: 'easel-on',
  form: 'easel-form',
} as const;

/** Throws a `RangeError` where it does not fit. */
export function formatCustomId(id: CustomId): string {
  const text = textOf(id);
  if (text.length > MAX_CUSTOM_ID_LENGTH) {
    throw new RangeError(`Discord takes ${MAX_CUSTOM_ID_LENGTH} characters in a custom id; this has more: ${text}`);
  }
  return text;
}

function textOf(id: CustomId): string {
  switch (id.kind) {
    case 'button':
      return id.inPlace || Object.keys(id.options).length === 0
        ? [id.inPlace ? PREFIXES.inPlace : PREFIXES.button, id.command, id.target].join(':')
        : [PREFIXES.withOptions, id.command, new URLSearchParams({ target: id.target, ...id.options })].join(':');
    case 'on message':
      return [PREFIXES.onMessage, id.command, id.channel, id.message].join(':');
    case 'form':
      return [PREFIXES.form, id.command, new URLSearchParams(id.hidden).toString()].join(':');
    default:
      return id satisfies never;
  }
}

/** null: not one of ours. */
export function parseCustomId(text: string): CustomId | null {
  const [prefix, command, ...rest] = text.split(':');
  if (command === undefined || command === '' || rest.length === 0) return null;
  const target = rest.join(':');
  switch (prefix) {
    case PREFIXES.button:
      return { kind: 'button', command, target, options: {}, inPlace: false };
    case PREFIXES.inPlace:
      return { kind: 'button', command, target, options: {}, inPlace: true };
    case PREFIXES.withOptions: {
      const { target: of = '', ...options } = Object.fromEntries(new URLSearchParams(target));
      return { kind: 'button', command, target: of, options, inPlace: false };
    }
    case PREFIXES.onMessage: {
      const [channel, message, ...more] = rest;
      return channel === undefined || message === undefined || more.length > 0
        ? null
        : { kind: 'on message', command, channel, message };
    }
    case PREFIXES.form:
      return { kind: 'form', command, hidden: Object.fromEntries(new URLSearchParams(target)) };
    default:
      return null;
  }
}
