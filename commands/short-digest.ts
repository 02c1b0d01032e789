import { createHash } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const BITS_A_CHARACTER = 5n;
const BITS_OF_DIGEST = 256n;

/** A name for a text that is made from its content: so many (at most 50) characters of Crockford's base 32 over its SHA-256. */
export function shortDigest(text: string, characters: number): string {
  const digest = createHash('sha256').update(text).digest('hex');
  let bits = BigInt(`0x${digest}`) >> (BITS_OF_DIGEST - BITS_A_CHARACTER * BigInt(characters));
  let name = '';
  for (let i = 0; i < characters; i++) {
    name = ALPHABET.charAt(Number(bits & 31n)) + name;
    bits >>= BITS_A_CHARACTER;
  }
  return name;
}
