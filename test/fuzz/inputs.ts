import fc from 'fast-check';

/*
 * Hostile inputs from sound ones. The mutations keep most of an input as it was, because what is refused at its first byte
 * reaches nothing.
 */

const utf8 = new TextEncoder();

/** Numbers at which lengths, offsets and counters break. */
const EDGES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff];

/** One change of some bytes; `at` is a share of the length. */
type ByteChange =
  | { readonly kind: 'set' | 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'cut' | 'repeat'; readonly at: number; readonly length: number }
  | { readonly kind: 'truncate'; readonly at: number }
  | { readonly kind: 'edge'; readonly at: number; readonly value: number; readonly littleEndian: boolean };

const at = fc.double({ min: 0, max: 1, noNaN: true });
const someBytes = fc.uint8Array({ minLength: 1, maxLength: 8 });
const byteChange: fc.Arbitrary<ByteChange> = fc.oneof(
  fc.record({ kind: fc.constantFrom('set', 'insert'), at, bytes: someBytes }),
  fc.record({ kind: fc.constantFrom('cut', 'repeat'), at, length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant('truncate' as const), at }),
  fc.record({
    kind: fc.constant('edge' as const),
    at,
    value: fc.constantFrom(...EDGES),
    littleEndian: fc.boolean(),
  }),
);

/** One of these inputs with up to eight changes of its bytes, or a few bytes of nothing. */
export function mutatedBytes(corpus: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const changed = fc
    .tuple(fc.constantFrom(...corpus), fc.array(byteChange, { maxLength: 8 }))
    .map(([bytes, changes]) => changes.reduce(applyChange, bytes));
  return fc.oneof({ weight: 19, arbitrary: changed }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) });
}

function applyChange(bytes: Uint8Array, change: ByteChange): Uint8Array {
  const place = Math.floor(change.at * bytes.length);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (change.kind) {
    case 'set':
      return joined(before, change.bytes, after.subarray(change.bytes.length));
    case 'insert':
      return joined(before, change.bytes, after);
    case 'cut':
      return joined(before, after.subarray(change.length));
    case 'repeat':
      return joined(before, after.subarray(0, change.length), after);
    case 'truncate':
      return before;
    case 'edge': {
      const word = Buffer.alloc(4);
      if (change.littleEndian) word.writeUInt32LE(change.value);
      else word.writeUInt32BE(change.value);
      return joined(before, word, after.subarray(4));
    }
    default:
      return change satisfies never;
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Texts that parsers stumble over: long, empty, of the prototype, beyond ASCII, not even Unicode. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', '__proto__', 'constructor', 'toString', '\0', '\ud800', 'a'.repeat(5000), '{}', '-1', '1e999'),
);
const number = fc.oneof(
  fc.constantFrom(...EDGES, -1, 0.5, 1e-300, 1e300, 2 ** 53, 2 ** 53 - 1, -(2 ** 31)),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -4, max: 200 }),
);
const leaf = fc.oneof(text, number, fc.constantFrom(null, true, false, [], {}));
const jsonNode = fc.oneof(
  { weight: 4, arbitrary: leaf },
  { weight: 1, arbitrary: fc.array(leaf, { maxLength: 5 }) },
  { weight: 1, arbitrary: fc.dictionary(text, leaf, { maxKeys: 4 }) },
);

interface JsonChange {
  readonly at: number;
  readonly kind: 'replace' | 'remove' | 'add';
  readonly key: string;
  readonly value: unknown;
}

const jsonChange: fc.Arbitrary<JsonChange> = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('replace', 'replace', 'remove', 'add'),
  key: text,
  value: jsonNode,
});

/** One of these JSON values with some of its parts replaced, taken away or added. */
export function mutatedJson(corpus: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...corpus), fc.array(jsonChange, { minLength: 1, maxLength: 4 }))
    .map(([value, changes]) => changes.reduce(applyJsonChange, structuredClone(value)));
}

/** As `mutatedJson`, as the bytes of a text. */
export function mutatedJsonBytes(corpus: readonly unknown[]): fc.Arbitrary<Uint8Array> {
  return mutatedJson(corpus).map((value) => bytesOf(JSON.stringify(value)));
}

/** Sound texts in part, any texts in part, and the bytes of the sound ones changed. */
export function mutatedText(corpus: readonly string[]): fc.Arbitrary<string> {
  const pieces = fc.array(fc.oneof(fc.constantFrom(...corpus), text), { maxLength: 6 }).map((parts) => parts.join(''));
  const changed = mutatedBytes(corpus.map(bytesOf)).map((bytes) => new TextDecoder().decode(bytes));
  return fc.oneof(pieces, changed);
}

export function bytesOf(value: string): Uint8Array {
  return utf8.encode(value);
}

function applyJsonChange(root: unknown, { at, kind, key, value }: JsonChange): unknown {
  const places = placesOf(root);
  const place = places[at % Math.max(1, places.length)];
  if (place === undefined) return kind === 'remove' ? root : value;
  if (kind === 'remove' && !Array.isArray(place.parent)) delete place.parent[place.key];
  else define(place.parent, kind === 'add' && !Array.isArray(place.parent) ? key : place.key, value);
  return root;
}

interface Place {
  readonly parent: Record<string, unknown>;
  readonly key: string;
}

function placesOf(value: unknown): readonly Place[] {
  if (!isTree(value)) return [];
  return Object.keys(value).flatMap((key) => [{ parent: value, key }, ...placesOf(value[key])]);
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Also a key such as `__proto__` becomes the object's own. */
function define(parent: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}
