import {
  type APIModalInteractionResponseCallbackData,
  ComponentType,
  type ModalSubmitInteraction,
  TextInputStyle,
} from 'discord.js';
import type { FormField, FormReply } from '../../../commands/reply.ts';
import { cutText } from '../../display-text.ts';
import { toAttachment } from '../acts/attachment.ts';
import { formatCustomId } from './custom-id.ts';
import { plainText } from './text.ts';

/** What Discord accepts. https://docs.discord.com/developers/components/reference#text-input */
const MAX_FIELDS = 5;
const MAX_TITLE = 45;
const MAX_LABEL = 45;
const MAX_HINT = 100;
const MAX_VALUE = 4000;

/** A form as Discord's modal. Throws a `RangeError` for more than five fields: a command must ask for less. */
export function renderForm({
  command,
  title,
  fields,
  mask,
  hidden,
}: FormReply): APIModalInteractionResponseCallbackData {
  const count = fields.length + (mask === undefined ? 0 : 1);
  if (count > MAX_FIELDS) {
    throw new RangeError(`Discord shows ${MAX_FIELDS} fields in a form; ${command} asks for ${count}.`);
  }
  const upload = mask && {
    type: ComponentType.Label as const,
    label: plainText(mask.label, MAX_LABEL),
    description: plainText(mask.hint, MAX_HINT),
    component: { type: ComponentType.FileUpload as const, custom_id: mask.name, max_values: 1, required: true },
  };
  return {
    custom_id: formatCustomId({ kind: 'form', command, hidden }),
    title: plainText(title, MAX_TITLE),
    components: [
      ...(upload === undefined ? [] : [upload]),
      ...fields.map((field) => ({
        type: ComponentType.Label as const,
        label: plainText(field.label, MAX_LABEL),
        component: renderInput(field),
      })),
    ],
  };
}

function renderInput({ name, value, multiline, required, maxLength }: FormField) {
  const longest = Math.min(maxLength, MAX_VALUE);
  return {
    type: ComponentType.TextInput,
    custom_id: name,
    style: multiline ? TextInputStyle.Paragraph : TextInputStyle.Short,
    required,
    max_length: longest,
    ...(value === '' ? {} : { value: cutText(value, longest) }),
  } as const;
}

/**
 * What was typed and attached, by field; '' where a text was emptied, which is not the same as not asked for.
 * `apiUrl`: another server that speaks Discord's API, which then serves files too.
 */
export function submittedValues(
  { fields }: ModalSubmitInteraction,
  apiUrl: string | undefined,
): Readonly<Record<string, unknown>> {
  const given = [...fields.fields.values()].flatMap((field): [string, unknown][] => {
    if (field.type === ComponentType.TextInput) return [[field.customId, field.value]];
    const file = field.type === ComponentType.FileUpload ? field.attachments?.first() : undefined;
    return file === undefined ? [] : [[field.customId, toAttachment(file, apiUrl)]];
  });
  return Object.fromEntries(given);
}
