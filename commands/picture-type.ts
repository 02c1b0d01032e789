export type PictureType = 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif';

/**
 * The media type of an encoded picture by its first bytes, whatever its name says; null for all else. Asked before any
 * decoder: those would also open SVG, PDF and others, whose readers are far larger targets.
 */
export function pictureType(bytes: Uint8Array): PictureType | null {
  return SIGNATURES.find(({ matches }) => matches(bytes))?.type ?? null;
}

const SIGNATURES: readonly { readonly type: PictureType; readonly matches: (bytes: Uint8Array) => boolean }[] = [
  { type: 'image/png', matches: (bytes) => startsWith(bytes, '\x89PNG\r\n\x1a\n') },
  { type: 'image/jpeg', matches: (bytes) => startsWith(bytes, '\xff\xd8\xff') },
  { type: 'image/webp', matches: (bytes) => startsWith(bytes, 'RIFF') && startsWith(bytes.subarray(8), 'WEBP') },
  { type: 'image/gif', matches: (bytes) => startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a') },
];

function startsWith(bytes: Uint8Array, signature: string): boolean {
  return Buffer.from(bytes.subarray(0, signature.length)).toString('latin1') === signature;
}
