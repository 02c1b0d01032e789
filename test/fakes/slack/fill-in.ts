import { z } from 'zod';
import { fileJson, type MethodContext } from './method.ts';
import type { Json } from './state.ts';

const inputsSchema = z.array(
  z.looseObject({
    type: z.string(),
    block_id: z.string().optional(),
    label: z.object({ text: z.string() }).optional(),
    element: z.looseObject({ type: z.string(), action_id: z.string() }).optional(),
  }),
);

/** The state of a view in which a person has filled in these inputs (by label) and left the others as they were. */
export function fillIn(body: Json, values: Readonly<Record<string, unknown>>, context: MethodContext): Json {
  const filled: Record<string, Json> = {};
  const unused = new Set(Object.keys(values));
  for (const { type, block_id: block, label, element } of inputsSchema.parse(body.blocks)) {
    if (type !== 'input' || !element || !label || block === undefined) continue;
    unused.delete(label.text);
    filled[block] = { [element.action_id]: elementState(element, values[label.text], context) };
  }
  if (unused.size > 0) throw new Error(`the form has no ${[...unused].join(', ')}`);
  return filled;
}

function elementState(element: Json & { type: string }, value: unknown, { workspace, base }: MethodContext): Json {
  const { type } = element;
  switch (type) {
    case 'plain_text_input':
    case 'number_input':
      return { type, value: value === undefined ? (element.initial_value ?? null) : value };
    case 'static_select':
    case 'external_select':
      return { type, selected_option: value === undefined ? (element.initial_option ?? null) : option(String(value)) };
    case 'multi_external_select':
      return { type, selected_options: z.array(z.string()).default([]).parse(value).map(option) };
    case 'users_select':
      return { type, selected_user: value ?? null };
    case 'conversations_select':
      return { type, selected_conversation: value ?? null };
    case 'file_input': {
      const ids = z.array(z.string()).default([]).parse(value);
      return { type, files: ids.map((id) => fileJson(id, workspace, base)) };
    }
    default:
      throw new Error(`no such element: ${type}`);
  }
}

function option(value: string): Json {
  return { text: { type: 'plain_text', text: value }, value };
}
