import { UnsupportedModelError } from './errors.ts';

interface Signature {
  readonly magic: readonly number[] | string;
  readonly found: string;
  readonly fix: string;
}

const PICKLE_FIX =
  'A pickle can run code when it is opened, so Easel never opens one; get the model as .safetensors instead.';
const CONVERT_FIX = 'Easel reads .safetensors; get the model in that format.';
const DOWNLOAD_FIX = 'The download did not fetch the model; fetch it again.';

/** How files that people mistake for a safetensors file begin. */
const SIGNATURES: readonly Signature[] = [
  { magic: 'PK\x03\x04', found: 'a PyTorch pickle (.ckpt, .pt or .bin) or another zip archive', fix: PICKLE_FIX },
  { magic: [0x80, 0x02], found: 'a PyTorch pickle (.ckpt, .pt or .bin)', fix: PICKLE_FIX },
  { magic: [0x80, 0x04], found: 'a Python pickle', fix: PICKLE_FIX },
  { magic: [0x80, 0x05], found: 'a Python pickle', fix: PICKLE_FIX },
  { magic: 'GGUF', found: 'a GGUF file', fix: CONVERT_FIX },
  { magic: '\x89HDF', found: 'an HDF5 file', fix: CONVERT_FIX },
  { magic: [0x1f, 0x8b], found: 'a gzip archive', fix: 'Unpack it first.' },
  { magic: '7z\xbc\xaf', found: 'a 7-Zip archive', fix: 'Unpack it first.' },
  { magic: 'version https://git-lfs', found: 'a Git LFS pointer, not the file itself', fix: 'Run "git lfs pull".' },
  { magic: '<!DOCTYPE', found: 'a web page', fix: DOWNLOAD_FIX },
  { magic: '<!doctype', found: 'a web page', fix: DOWNLOAD_FIX },
  { magic: '<html', found: 'a web page', fix: DOWNLOAD_FIX },
  { magic: '{', found: 'a JSON text', fix: DOWNLOAD_FIX },
  { magic: '\x89PNG', found: 'a PNG picture', fix: CONVERT_FIX },
];

/** How many of a file's first bytes `refuseForeignFile` looks at. */
export const SIGNATURE_BYTES = 32;

/** Throws UnsupportedModelError if a file that begins with `start` is of a known format other than safetensors. */
export function refuseForeignFile(path: string, start: Uint8Array): void {
  for (const { magic, found, fix } of SIGNATURES) {
    const bytes = typeof magic === 'string' ? [...magic].map((character) => character.charCodeAt(0)) : magic;
    // A safetensors file may begin with any of these by chance, but then its ninth byte opens the JSON header.
    if (bytes.every((byte, index) => start[index] === byte) && start[8] !== OPENING_BRACE) {
      throw new UnsupportedModelError(path, found, fix);
    }
  }
}

const OPENING_BRACE = 0x7b;
