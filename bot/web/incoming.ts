import { z } from 'zod';
import type { Attachment } from '../../commands/request.ts';
import { turnIdSchema } from './turn.ts';

/** The start picture and whatever else comes with one request. */
export const MAX_BODY_BYTES = 25 * 1024 * 1024;
const MAX_FILES = 4;
/** The act and its files. */
const MAX_PARTS = 8;
/** The longest text that an act may hold, written in escapes. */
const MAX_JSON_BYTES = 128 * 1024;
/** More than any command takes, and little enough to keep. */
const MAX_TEXT_LENGTH = 10_000;

const shortText = z.string().max(200);

/** What a page sends: the new turn's id (the same for every try of one act) and the act. */
const actSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), turn: turnIdSchema, text: z.string().trim().min(1).max(MAX_TEXT_LENGTH) }),
  z.strictObject({
    kind: z.literal('press'),
    turn: turnIdSchema,
    message: turnIdSchema,
    command: shortText,
    target: shortText,
    options: z.record(shortText, shortText).default({}),
  }),
  z.strictObject({
    kind: z.literal('form'),
    turn: turnIdSchema,
    command: shortText,
    values: z.record(shortText, z.string().max(MAX_TEXT_LENGTH)),
  }),
]);
export type Act = z.infer<typeof actSchema>;

/** An act and the files that came with it, by the name of their option ('' for the command's own choice). */
export interface Incoming {
  readonly act: Act;
  readonly files: ReadonlyMap<string, Attachment>;
}

/** Reads JSON, or a multipart form whose field `act` is that JSON and whose other fields are files; null: malformed. */
export async function readIncoming(request: Request): Promise<Incoming | null> {
  const multipart = request.headers.get('content-type')?.startsWith('multipart/form-data') === true;
  try {
    const body = Buffer.from(await request.arrayBuffer());
    if (!multipart) return body.length > MAX_JSON_BYTES ? null : { act: parseAct(body.toString()), files: new Map() };
    if (!hasFewParts(body, request.headers.get('content-type') ?? '')) return null;
    const form = await new Response(body, { headers: request.headers }).formData();
    const act = z.string().parse(form.get('act'));
    const files = [...form].flatMap(([name, value]) =>
      typeof value === 'string' ? [] : [[name.replace(/^file:/, ''), attachment(value)] as const],
    );
    if (files.length > MAX_FILES) return null;
    return { act: parseAct(act), files: new Map(files) };
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

function parseAct(text: string): Act {
  if (text.length > MAX_JSON_BYTES) throw new SyntaxError('An act is short.');
  return actSchema.parse(JSON.parse(text));
}

/** Counts the boundaries: to parse a body of hundreds of thousands of parts takes seconds. */
function hasFewParts(body: Buffer, contentType: string): boolean {
  const [, quoted, plain] = /boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return false;
  let parts = 0;
  for (let at = body.indexOf(`--${boundary}`); at !== -1; at = body.indexOf(`--${boundary}`, at + boundary.length)) {
    if (++parts > MAX_PARTS + 1) return false;
  }
  return true;
}

function attachment(file: File): Attachment {
  return {
    name: file.name.slice(0, 200),
    contentType: file.type === '' ? null : file.type,
    byteLength: file.size,
    fetch: async () => new Uint8Array(await file.arrayBuffer()),
  };
}
