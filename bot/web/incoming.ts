import { z } from 'zod';
import type { Attachment } from '../../commands/request.ts';
import { turnIdSchema } from './turn.ts';

/** The start picture and whatever else comes with one request. */
export const MAX_BODY_BYTES = 25 * 1024 * 1024;
const MAX_FILES = 4;
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
    if (!multipart) return { act: actSchema.parse(await request.json()), files: new Map() };
    const form = await request.formData();
    const act = z.string().parse(form.get('act'));
    const files = [...form].flatMap(([name, value]) =>
      typeof value === 'string' ? [] : [[name.replace(/^file:/, ''), attachment(value)] as const],
    );
    if (files.length > MAX_FILES) return null;
    return { act: actSchema.parse(JSON.parse(act)), files: new Map(files) };
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

function attachment(file: File): Attachment {
  return {
    name: file.name.slice(0, 200),
    contentType: file.type === '' ? null : file.type,
    byteLength: file.size,
    fetch: async () => new Uint8Array(await file.arrayBuffer()),
  };
}
