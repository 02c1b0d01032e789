import { z } from 'zod';

/**
 * The documented limits of Block Kit and of messages, as schemas: what Slack refuses, these refuse.
 * https://docs.slack.dev/reference/block-kit
 */
const plain = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(max), emoji: z.boolean().optional() });
const mrkdwn = (max: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(max), verbatim: z.boolean().optional() });
const text = (max: number) => z.discriminatedUnion('type', [plain(max), mrkdwn(max)]);

const blockId = z.string().max(255).optional();
const actionId = z.string().min(1).max(255);
const slackFile = z.strictObject({ id: z.string().regex(/^F[A-Z0-9]{8,}$/) });
const image = z.strictObject({
  type: z.literal('image'),
  alt_text: z.string().min(1).max(2000),
  slack_file: slackFile.optional(),
  image_url: z.url().max(3000).optional(),
});

const option = z.strictObject({
  text: plain(75),
  value: z.string().min(1).max(150),
  description: plain(75).optional(),
});

const button = z.strictObject({
  type: z.literal('button'),
  text: plain(75),
  action_id: actionId,
  value: z.string().max(2000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
  accessibility_label: z.string().max(75).optional(),
});

const inputElement = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('plain_text_input'),
    action_id: actionId,
    initial_value: z.string().max(3000).optional(),
    multiline: z.boolean().optional(),
    min_length: z.int().min(0).max(3000).optional(),
    max_length: z.int().min(1).max(3000).optional(),
    placeholder: plain(150).optional(),
  }),
  z.strictObject({
    type: z.literal('number_input'),
    action_id: actionId,
    is_decimal_allowed: z.boolean(),
    initial_value: z.string().optional(),
    min_value: z.string().optional(),
    max_value: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('static_select'),
    action_id: actionId,
    options: z.array(option).min(1).max(100),
    initial_option: option.optional(),
    placeholder: plain(150).optional(),
  }),
  z.strictObject({
    type: z.literal('external_select'),
    action_id: actionId,
    min_query_length: z.int().min(0).optional(),
    initial_option: option.optional(),
    placeholder: plain(150).optional(),
  }),
  z.strictObject({
    type: z.literal('multi_external_select'),
    action_id: actionId,
    min_query_length: z.int().min(0).optional(),
    initial_options: z.array(option).optional(),
    max_selected_items: z.int().min(1).optional(),
    placeholder: plain(150).optional(),
  }),
  z.strictObject({
    type: z.literal('users_select'),
    action_id: actionId,
    initial_user: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('conversations_select'),
    action_id: actionId,
    initial_conversation: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('file_input'),
    action_id: actionId,
    filetypes: z.array(z.string()).optional(),
    max_files: z.int().min(1).max(10).optional(),
  }),
]);

const block = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('section'),
      block_id: blockId,
      text: text(3000).optional(),
      fields: z.array(text(2000)).min(1).max(10).optional(),
      accessory: z.union([button, image]).optional(),
      expand: z.boolean().optional(),
    })
    .refine((section) => section.text !== undefined || section.fields !== undefined, 'a section needs text or fields'),
  z.strictObject({ type: z.literal('header'), block_id: blockId, text: plain(150) }),
  z.strictObject({
    type: z.literal('context'),
    block_id: blockId,
    elements: z
      .array(z.union([plain(2000), mrkdwn(2000), image]))
      .min(1)
      .max(10),
  }),
  z.strictObject({ type: z.literal('divider'), block_id: blockId }),
  z.strictObject({ type: z.literal('actions'), block_id: blockId, elements: z.array(button).min(1).max(25) }),
  z.strictObject({
    type: z.literal('image'),
    block_id: blockId,
    alt_text: z.string().min(1).max(2000),
    title: plain(2000).optional(),
    slack_file: slackFile.optional(),
    image_url: z.url().max(3000).optional(),
  }),
  z.strictObject({
    type: z.literal('input'),
    block_id: blockId,
    label: plain(2000),
    hint: plain(2000).optional(),
    optional: z.boolean().optional(),
    element: inputElement,
  }),
]);
export type Block = z.infer<typeof block>;

function unique(blocks: readonly Block[]): boolean {
  const ids = blocks.flatMap((item) => (item.block_id === undefined ? [] : [item.block_id]));
  if (new Set(ids).size !== ids.length) return false;
  return blocks.every((item) => {
    if (item.type !== 'actions') return true;
    const actions = item.elements.map((element) => element.action_id);
    return new Set(actions).size === actions.length;
  });
}

const blocks = (max: number) => z.array(block).max(max).refine(unique, 'block and action ids must be unique');

export const messageBlocksSchema = blocks(50);
/** Over all text of a message's blocks; Slack answers msg_blocks_too_long. */
export const MAX_BLOCK_TEXT = 12_000;
/** chat.postMessage cuts here; we refuse, since a cut picture caption is a bug of ours. */
export const MAX_POST_TEXT = 40_000;
export const MAX_UPDATE_TEXT = 4_000;

const title = plain(24);
export const viewSchema = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('modal'),
      title,
      submit: title.optional(),
      close: title.optional(),
      callback_id: z.string().max(255).optional(),
      external_id: z.string().max(255).optional(),
      private_metadata: z.string().max(3000).optional(),
      notify_on_close: z.boolean().optional(),
      blocks: blocks(100),
    })
    .refine(
      (view) => view.submit !== undefined || !view.blocks.some((item) => item.type === 'input'),
      'a modal with inputs needs submit',
    ),
  z.strictObject({
    type: z.literal('home'),
    callback_id: z.string().max(255).optional(),
    private_metadata: z.string().max(3000).optional(),
    blocks: blocks(100),
  }),
]);

/** All text that blocks show. */
export function blockText(items: readonly Block[]): string {
  const texts: string[] = [];
  JSON.stringify(items, (key, value: unknown) => {
    if ((key === 'text' || key === 'alt_text') && typeof value === 'string') texts.push(value);
    return value;
  });
  return texts.join('\n');
}
