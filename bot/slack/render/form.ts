import type { types } from '@slack/bolt';
import { z } from 'zod';
import type { Command } from '../../../commands/command.ts';
import type { OptionDefinition } from '../../../commands/options.ts';
import type { FormField, FormReply, MaskField } from '../../../commands/reply.ts';
import { UserError } from '../../../commands/request.ts';
import type { Place } from '../answers/outbound.ts';
import type { Phrases } from '../phrases.ts';
import { plainText } from './text.ts';

/**
 * Forms as Slack's modals: one input block an option, whose block id is the option's name. Two kinds: those that a command
 * fills in (`FormReply`), and those made from a command's option definitions when somebody types only its name.
 */
export const FORM = 'easel:form';

const MAX_TITLE = 24;
const MAX_LABEL = 2000;
const MAX_HINT = 2000;
const MAX_CHOICE = 75;
const MAX_METADATA = 3000;
/** Slack's text input takes no more; a longer text goes on in a second input. */
const MAX_INPUT = 3000;
const CONTINUED = '+';
const INPUT = 'value';

/** What the modal carries unseen. */
const metadataSchema = z.strictObject({
  command: z.string(),
  hidden: z.record(z.string(), z.string()),
  channel: z.string(),
  thread: z.string().nullable(),
});
export type FormMetadata = z.infer<typeof metadataSchema>;

export function readMetadata(text: string): FormMetadata {
  return metadataSchema.parse(JSON.parse(text));
}

export function formView(form: FormReply, place: Place, phrases: Phrases): types.ModalView {
  return modal(
    form.title,
    { command: form.command, hidden: form.hidden, ...place },
    [...(form.mask === undefined ? [] : [maskInput(form.mask)]), ...form.fields.flatMap(textInputs)],
    phrases,
  );
}

/** The form of a command that was called without its options. */
export function commandView(command: Command, place: Place, phrases: Phrases): types.ModalView {
  const inputs = Object.entries(command.options).map(([name, definition]) => input(name, definition, phrases));
  return modal(`/${command.name}`, { command: command.name, hidden: {}, ...place }, inputs, phrases);
}

function modal(title: string, metadata: FormMetadata, blocks: types.KnownBlock[], phrases: Phrases): types.ModalView {
  const carried = JSON.stringify(metadata);
  if (carried.length > MAX_METADATA) throw new UserError('form', phrases.formTooLarge);
  return {
    type: 'modal',
    callback_id: FORM,
    title: plainText(title, MAX_TITLE),
    submit: plainText(phrases.send, MAX_TITLE),
    close: plainText(phrases.close, MAX_TITLE),
    private_metadata: carried,
    blocks,
  };
}

function maskInput({ name, label, hint }: MaskField): types.InputBlock {
  return {
    type: 'input',
    block_id: name,
    label: plainText(label, MAX_LABEL),
    hint: plainText(hint, MAX_HINT),
    element: { type: 'file_input', action_id: INPUT, max_files: 1 },
  };
}

function textInputs(field: FormField): types.InputBlock[] {
  const parts = [field.value.slice(0, MAX_INPUT)];
  if (field.value.length > MAX_INPUT) parts.push(field.value.slice(MAX_INPUT, 2 * MAX_INPUT));
  return parts.map((value, index) => ({
    type: 'input',
    block_id: field.name + CONTINUED.repeat(index),
    label: plainText(index === 0 ? field.label : `${field.label} …`, MAX_LABEL),
    optional: index > 0 || !field.required,
    element: {
      type: 'plain_text_input',
      action_id: INPUT,
      multiline: field.multiline,
      max_length: Math.min(MAX_INPUT, field.maxLength),
      ...(value === '' ? {} : { initial_value: value }),
    },
  }));
}

function input(name: string, definition: OptionDefinition, phrases: Phrases): types.InputBlock {
  return {
    type: 'input',
    block_id: name,
    label: plainText(name, MAX_LABEL),
    hint: plainText(phrases.describe(definition.description), MAX_HINT),
    optional: definition.required !== true,
    element: element(definition, phrases),
  };
}

/** Suggestions replace typing where the list is closed; a seed or a size must still be typed freely. */
const CLOSED_LISTS: ReadonlySet<string> = new Set(['model', 'lora', 'style', 'sampler', 'upscaler', 'command']);

function element(definition: OptionDefinition, phrases: Phrases): types.InputBlock['element'] {
  switch (definition.type) {
    case 'string':
      if (definition.choices !== undefined) return select(definition.choices, phrases);
      if (definition.autocomplete !== undefined && CLOSED_LISTS.has(definition.autocomplete)) {
        return {
          type: definition.list === true ? 'multi_external_select' : 'external_select',
          action_id: INPUT,
          min_query_length: 0,
          placeholder: plainText(phrases.choose, 150),
        };
      }
      return {
        type: 'plain_text_input',
        action_id: INPUT,
        multiline: definition.multiline ?? false,
        max_length: Math.min(MAX_INPUT, definition.maxLength),
      };
    case 'integer':
    case 'number':
      return {
        type: 'number_input',
        action_id: INPUT,
        is_decimal_allowed: definition.type === 'number',
        min_value: String(definition.min),
        max_value: String(definition.max),
      };
    case 'boolean':
      return select(['on', 'off'], phrases);
    case 'attachment':
      return { type: 'file_input', action_id: INPUT, max_files: 1 };
    case 'user':
      return { type: 'users_select', action_id: INPUT };
    case 'channel':
      return { type: 'conversations_select', action_id: INPUT };
    case 'role':
      return { type: 'plain_text_input', action_id: INPUT, max_length: 100 };
    default:
      return definition satisfies never;
  }
}

function select(choices: readonly string[], phrases: Phrases): types.InputBlock['element'] {
  const options = choices.map((choice) => ({ text: plainText(choice, MAX_CHOICE), value: choice }));
  return { type: 'static_select', action_id: INPUT, options, placeholder: plainText(phrases.choose, 150) };
}

const stateSchema = z.record(
  z.string(),
  z.record(
    z.string(),
    z.looseObject({
      value: z.string().nullish(),
      selected_option: z.looseObject({ value: z.string() }).nullish(),
      selected_options: z.array(z.looseObject({ value: z.string() })).nullish(),
      selected_user: z.string().nullish(),
      selected_conversation: z.string().nullish(),
      files: z.array(z.unknown()).nullish(),
    }),
  ),
);

/** Several choices as a list is typed; undefined: nothing was chosen. */
function listOf(chosen: readonly { readonly value: string }[]): string | undefined {
  return chosen.length === 0 ? undefined : chosen.map(({ value }) => value).join(', ');
}

/**
 * The options of a submitted form. A text that was emptied is '', so that emptying a negative prompt is not the same as
 * leaving it; files are as Slack describes them.
 */
export function readForm(state: unknown): Readonly<Record<string, unknown>> {
  const options: Record<string, unknown> = {};
  for (const [block, inputs] of Object.entries(stateSchema.parse(state))) {
    const given = inputs[INPUT];
    if (given === undefined) continue;
    const value =
      given.files?.[0] ??
      given.selected_option?.value ??
      listOf(given.selected_options ?? []) ??
      given.selected_user ??
      given.selected_conversation ??
      given.value ??
      (given.value === null ? '' : undefined);
    const name = block.replaceAll(CONTINUED, '');
    if (value !== undefined) options[name] = block === name ? value : `${String(options[name] ?? '')}${String(value)}`;
  }
  return options;
}
