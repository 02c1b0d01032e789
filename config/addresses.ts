/** What may stand before the last `@` of an address that has a password, also of one that is written wrong. */
const PASSWORD = /\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/?#"'`<>]*):(?!\d{1,5}(?:[/?#]|$))[^\s"'`<>]*@/gi;

/** The text without the password of any address in it, whoever the address is of and however short the password. */
export function withoutPasswords(text: string): string {
  return text.replace(PASSWORD, '$1:[secret]@');
}

/**
 * Whether an address has a password with signs that end it, or a part of it, before it is over: what is meant cannot be told,
 * and a library takes a piece of it for a host and names that in its errors.
 */
export function hasUnencodedPassword(address: string): boolean {
  const [, scheme = '', rest] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(address) ?? [];
  const end = rest?.lastIndexOf('@') ?? -1;
  if (rest === undefined || end === -1) return false;
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? '';
  // An `@` behind the host, in a path or a query, is no password's.
  const isServer = /^https?$/i.test(scheme) && /^[^:]*:\d{1,5}$/.test(authority);
  if (!authority.includes('@') && (isServer || !authority.includes(':'))) return false;
  const isWhole = end < authority.length || /^\/[^@#]*\?[^#]*=[^#]*$/.test(rest.slice(authority.length));
  const credentials = isWhole ? authority.slice(0, authority.lastIndexOf('@')) : rest.slice(0, end);
  return /[@/?#\s]|%(?![0-9a-f]{2})/i.test(credentials);
}
