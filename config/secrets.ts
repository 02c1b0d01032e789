import { withoutPasswords } from './addresses.ts';
import { type KeyName, keyNames, keys } from './keys.ts';

type Given = Readonly<Partial<Record<KeyName, unknown>>>;

/** Shorter ones would take ordinary words with them. */
const MIN_LENGTH = 6;

export const secretKeys: readonly KeyName[] = keyNames.filter((name) => 'secret' in keys[name]);

/**
 * What must never be shown of these settings: every secret key's value, and the password of every address, whichever setting
 * it is given to.
 */
export function secretsOf(given: Given): readonly string[] {
  return keyNames.flatMap((name) => {
    const value = given[name];
    if (typeof value !== 'string') return [];
    return [...(secretKeys.includes(name) ? [value] : []), ...passwordsOf(value)];
  });
}

/** Of an address, also of one that is written wrong: a part of it may be taken for the host and be named in an error. */
function passwordsOf(value: string): readonly string[] {
  const [, credentials] = /^[a-z][a-z0-9+.-]*:\/\/(.*)@/is.exec(value) ?? [];
  const written = credentials === undefined ? [] : [credentials.slice(credentials.indexOf(':') + 1)];
  const parts = written.flatMap((password) => [password, ...password.split(/[@/?#:]/)]);
  if (!URL.canParse(value)) return parts;
  const { password, searchParams } = new URL(value);
  return [...parts, password, decoded(password), searchParams.get('password') ?? ''];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Makes any text safe to show: a secret in it becomes `[secret]`, also where it stands as JSON writes it, and so does the password of any address. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  const unique = [...new Set(forms)].filter((form) => form.length >= MIN_LENGTH).sort((a, b) => b.length - a.length);
  return (text) => withoutPasswords(unique.reduce((shown, form) => shown.replaceAll(form, '[secret]'), text));
}
