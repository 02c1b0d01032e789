import {
  type APIModalInteractionResponseCallbackData,
  ComponentType,
  type ModalSubmitInteraction,
  TextInputStyle,
} from 'discord.js';
import type { FormField, FormReply } from '../../../commands/reply.ts';
import { cutText } from '../../display-text.ts';
import { formatCustomId } from './custom-id.ts';
import { plainText } from './text.ts';

/** What Discord accepts. https://docs.discord.com/developers/components/reference#text-input */
const MAX_FIELDS = 5;
const MAX_TITLE = 45;
const MAX_LABEL = 45;
const MAX_VALUE = 4000;

/** A form as Discord's modal. Throws a `RangeError` for more than five fields: a command must ask for less. */
export function renderForm({ command, title, fields, hidden }: FormReply): APIModalInteractionResponseCallbackData {
  if (fields.length > MAX_FIELDS) {
    throw new RangeError(`Discord shows ${MAX_FIELDS} fields in a form; ${command} asks for ${fields.length}.`);
  }
  return {
    custom_id: formatCustomId({ kind: 'form', command, hidden }),
    title: plainText(title, MAX_TITLE),
    components: fields.map((field) => ({
      type: ComponentType.Label,
      label: plainText(field.label, MAX_LABEL),
      component: renderInput(field),
    })),
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

/** What was typed, by field; '' where a field was emptied, which is not the same as not asked for. */
export function submittedValues({ fields }: ModalSubmitInteraction): Record<string, string> {
  const typed = [...fields.fields.values()].flatMap((field) =>
    field.type === ComponentType.TextInput ? [[field.customId, field.value] as const] : [],
  );
  return Object.fromEntries(typed);
}
