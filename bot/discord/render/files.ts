import type { RawFile, RESTAPIAttachment } from 'discord.js';
import sharp from 'sharp';
import type { BlobKey } from '../../../commands/ids.ts';
import type { MessageReply, ReplyPicture } from '../../../commands/reply.ts';
import { plainText } from './text.ts';

/** Bytes that one file may have where Discord does not say otherwise. */
export const DEFAULT_FILE_LIMIT = 10 * 1024 * 1024;
/** All files of a request together, with room for the rest of it; Discord takes 25 MiB. */
const MAX_REQUEST_BYTES = 24 * 1024 * 1024;
const MAX_FILES = 10;
const MAX_ALT = 1024;

export interface PreparedFiles {
  readonly files: RawFile[];
  readonly attachments: RESTAPIAttachment[];
}

type ReadBlob = (key: BlobKey) => Promise<Uint8Array>;

/** A reply's pictures and file as Discord takes them: within its sizes, hidden where they must be, with the prompt as alt text. */
export async function prepareFiles(reply: MessageReply, readBlob: ReadBlob, fileLimit: number): Promise<PreparedFiles> {
  const pictures = (reply.pictures ?? []).slice(0, reply.file === undefined ? MAX_FILES : MAX_FILES - 1);
  const extra = reply.file === undefined ? [] : [reply.file];
  const room = MAX_REQUEST_BYTES - extra.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  const limit = Math.min(fileLimit, Math.floor(room / Math.max(1, pictures.length)));
  const files: RawFile[] = [];
  const attachments: RESTAPIAttachment[] = [];
  for (const picture of pictures) {
    const fitted = await fitPicture(await readBlob(picture.blob), limit);
    const name = fileName(picture, fitted.extension);
    attachments.push({ id: files.length, filename: name, description: plainText(picture.alt, MAX_ALT) });
    files.push({ name, data: Buffer.from(fitted.bytes), contentType: fitted.contentType });
  }
  for (const { name, contentType, bytes } of extra) {
    const filename = safeName(name);
    attachments.push({ id: files.length, filename });
    files.push({ name: filename, data: Buffer.from(bytes), contentType });
  }
  return { files, attachments };
}

interface Encoded {
  readonly bytes: Uint8Array;
  /** null: as it was. */
  readonly extension: string | null;
  readonly contentType: string;
}

/** Ever smaller encodings: first the finest that is not lossless, at last a small one. */
const ATTEMPTS = [
  { quality: 95, scale: 1 },
  { quality: 85, scale: 1 },
  { quality: 80, scale: 0.7 },
  { quality: 75, scale: 0.5 },
  { quality: 70, scale: 0.25 },
] as const;

/** The picture itself where it fits, else as JPEG (metadata kept), at worst smaller in pixels. */
async function fitPicture(bytes: Uint8Array, limit: number): Promise<Encoded> {
  const { format, width = 1 } = await sharp(bytes).metadata();
  if (bytes.byteLength <= limit) return { bytes, extension: null, contentType: `image/${format ?? 'png'}` };
  let encoded = bytes;
  for (const { quality, scale } of ATTEMPTS) {
    const pipeline = sharp(bytes).keepMetadata();
    if (scale < 1) pipeline.resize({ width: Math.max(1, Math.round(width * scale)) });
    encoded = await pipeline.jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer();
    if (encoded.byteLength <= limit) break;
  }
  return { bytes: encoded, extension: 'jpg', contentType: 'image/jpeg' };
}

function fileName(picture: ReplyPicture, extension: string | null): string {
  const name = safeName(extension === null ? picture.name : picture.name.replace(/\.\w+$/, `.${extension}`));
  return picture.spoiler ? `SPOILER_${name}` : name;
}

/** Discord drops other characters by itself; then what we name and what it shows would differ. */
function safeName(name: string): string {
  const safe = name.replace(/[^\w.-]/g, '_').slice(-80);
  return /[a-z0-9]/i.test(safe) ? safe : 'file';
}
