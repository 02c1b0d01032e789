import { z } from 'zod';
import type { Attachment } from '../../commands/request.ts';
import { type FormPart, parseMultipart } from './multipart.ts';
import { turnIdSchema } from './turn.ts';

/** The start picture and whatever else comes with one request. */
export const MAX_BODY_BYTES = 25 * 1024 * 1024;
const MAX_FILES = 4;
/** The longest text that an act may hold, written in escapes. */
const MAX_JSON_BYTES = 128 * 1024;
/** More than any command takes, and little enough to keep. */
const MAX_TEXT_LENGTH = 10_000;
/** More options and fields than any command has. */
const MAX_KEYS = 64;

const shortText = z.string().max(200);
const fields = (value: z.ZodString) =>
  z
    .record(z.string(), z.unknown())
    .refine((given) => Object.keys(given).length <= MAX_KEYS)
    .pipe(z.record(shortText, value));

/** What a page sends: the new turn's id (the same for every try of one act) and the act. */
const actSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), turn: turnIdSchema, text: z.string().trim().min(1).max(MAX_TEXT_LENGTH) }),
  z.strictObject({
    kind: z.literal('press'),
    turn: turnIdSchema,
    message: turnIdSchema,
    command: shortText,
    target: shortText,
    options: fields(shortText).default({}),
  }),
  z.strictObject({
    kind: z.literal('form'),
    turn: turnIdSchema,
    command: shortText,
    values: fields(z.string().max(MAX_TEXT_LENGTH)),
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
  const contentType = request.headers.get('content-type') ?? '';
  const bytes = await request.arrayBuffer().catch(() => null);
  if (bytes === null) return null; // Whoever sent it has gone.
  const body = Buffer.from(bytes);
  if (!contentType.startsWith('multipart/form-data')) {
    const act = parseAct(body);
    return act && { act, files: new Map() };
  }
  const parts = parseMultipart(body, contentType, MAX_FILES + 1);
  const field = parts?.find(({ name, fileName }) => name === 'act' && fileName === null);
  const act = field === undefined ? null : parseAct(field.body);
  if (act === null || parts === null) return null;
  const files = parts.flatMap((part) => {
    const { name, fileName } = part;
    return fileName === null ? [] : [[name.replace(/^file:/, ''), attachment(part, fileName)] as const];
  });
  return { act, files: new Map(files) };
}

/** Null: malformed. */
function parseAct(json: Buffer): Act | null {
  if (json.length > MAX_JSON_BYTES) return null;
  try {
    return actSchema.safeParse(JSON.parse(json.toString())).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function attachment({ contentType, body }: FormPart, fileName: string): Attachment {
  return {
    name: fileName.slice(0, 200),
    contentType,
    byteLength: body.length,
    fetch: async () => new Uint8Array(body),
  };
}
