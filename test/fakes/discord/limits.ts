import { z } from 'zod';
import { invalidForm } from './api-error.ts';

/**
 * What Discord accepts in a message, by its documentation. Lengths are counted in UTF-16 units, the strictest reading.
 * https://docs.discord.com/developers/resources/message
 */
export const MAX_FILE_BYTES = 10 * 1024 * 1024;
export const MAX_REQUEST_BYTES = 25 * 1024 * 1024;
export const MAX_ATTACHMENTS = 10;
const MAX_EMBED_CHARACTERS = 6000;

const snowflake = z.string().regex(/^\d{17,20}$/);

/** Text that is something after Discord has trimmed it. */
const filled = (max: number) =>
  z
    .string()
    .max(max, `Must be ${max} or fewer in length.`)
    .refine((text) => text.trim() !== '', 'This field is required');

const media = z.looseObject({ url: z.string().max(2048) });

const embed = z.strictObject({
  title: z.string().max(256).optional(),
  description: z.string().max(4096).optional(),
  url: z.url().optional(),
  timestamp: z.string().optional(),
  color: z.int().min(0).max(0xffffff).optional(),
  footer: z.strictObject({ text: filled(2048), icon_url: z.string().optional() }).optional(),
  image: media.optional(),
  thumbnail: media.optional(),
  author: z.looseObject({ name: filled(256) }).optional(),
  fields: z
    .array(z.strictObject({ name: filled(256), value: filled(1024), inline: z.boolean().optional() }))
    .max(25)
    .optional(),
});

const button = z
  .strictObject({
    type: z.literal(2),
    style: z.int().min(1).max(5),
    label: filled(80).optional(),
    emoji: z.looseObject({ name: z.string() }).optional(),
    custom_id: filled(100).optional(),
    url: z.string().max(512).optional(),
    disabled: z.boolean().optional(),
  })
  .refine(({ label, emoji }) => label !== undefined || emoji !== undefined, 'A button must have a label or an emoji')
  .refine(({ style, custom_id, url }) => (style === 5 ? url !== undefined : custom_id !== undefined), {
    message: 'A custom id is required',
    path: ['custom_id'],
  });

const row = z.strictObject({ type: z.literal(1), components: z.array(button).min(1).max(5) });

const rows = z
  .array(row)
  .max(5)
  .superRefine((all, context) => {
    const seen = new Set<string>();
    all.forEach(({ components }, y) => {
      components.forEach(({ custom_id: id }, x) => {
        if (id !== undefined && seen.has(id)) {
          const path = [y, 'components', x, 'custom_id'];
          context.addIssue({ code: 'custom', path, message: 'Component custom id cannot be duplicated' });
        }
        if (id !== undefined) seen.add(id);
      });
    });
  });

const allowedMentions = z.strictObject({
  parse: z.array(z.enum(['roles', 'users', 'everyone'])).optional(),
  users: z.array(snowflake).max(100).optional(),
  roles: z.array(snowflake).max(100).optional(),
  replied_user: z.boolean().optional(),
});

/** The body of a message that is created or edited. */
export const messageBody = z.looseObject({
  content: z.string().max(2000, 'Must be 2000 or fewer in length.').nullish(),
  embeds: z
    .array(embed)
    .max(10)
    .refine(
      (all) => all.reduce((sum, each) => sum + embedCharacters(each), 0) <= MAX_EMBED_CHARACTERS,
      `Embed size exceeds maximum size of ${MAX_EMBED_CHARACTERS}`,
    )
    .nullish(),
  components: rows.nullish(),
  attachments: z
    .array(
      z.strictObject({
        id: z.union([z.string(), z.int()]),
        filename: z.string().max(1024).optional(),
        description: z.string().max(1024).nullish(),
      }),
    )
    .max(MAX_ATTACHMENTS)
    .nullish(),
  flags: z.int().min(0).nullish(),
  nonce: z.union([z.string().max(25), z.int()]).nullish(),
  enforce_nonce: z.boolean().optional(),
  allowed_mentions: allowedMentions.nullish(),
  message_reference: z.looseObject({ message_id: snowflake, fail_if_not_exists: z.boolean().optional() }).optional(),
});
export type MessageBody = z.infer<typeof messageBody>;

const textInput = z
  .strictObject({
    type: z.literal(4),
    custom_id: filled(100),
    style: z.union([z.literal(1), z.literal(2)]),
    label: filled(45).optional(),
    min_length: z.int().min(0).max(4000).optional(),
    max_length: z.int().min(1).max(4000).optional(),
    required: z.boolean().optional(),
    value: z.string().max(4000).optional(),
    placeholder: z.string().max(100).optional(),
  })
  .refine(({ value, max_length: max }) => (value ?? '').length <= (max ?? 4000), {
    message: 'The value is longer than max_length',
    path: ['value'],
  });

const fileUpload = z.strictObject({
  type: z.literal(19),
  custom_id: filled(100),
  min_values: z.int().min(0).max(10).optional(),
  max_values: z.int().min(1).max(10).optional(),
  required: z.boolean().optional(),
});

export const modalBody = z.strictObject({
  custom_id: filled(100),
  title: filled(45),
  components: z
    .array(
      z.strictObject({
        type: z.literal(18),
        label: filled(45),
        description: z.string().max(100).optional(),
        component: z.union([textInput, fileUpload]),
      }),
    )
    .min(1)
    .max(5),
});
export type ModalBody = z.infer<typeof modalBody>;

export const autocompleteBody = z.strictObject({
  choices: z.array(z.looseObject({ name: filled(100), value: z.union([z.string().max(100), z.number()]) })).max(25),
});

/** The body as the schema has it; throws Discord's `Invalid Form Body`. */
export function accept<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalidForm(parsed.error.issues);
}

function embedCharacters(each: z.infer<typeof embed>): number {
  const fields = (each.fields ?? []).reduce((sum, field) => sum + field.name.length + field.value.length, 0);
  const rest = [each.title, each.description, each.footer?.text, each.author?.name];
  return fields + rest.reduce((sum, text) => sum + (text?.length ?? 0), 0);
}
