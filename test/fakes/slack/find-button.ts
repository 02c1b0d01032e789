import { z } from 'zod';
import type { Json } from './state.ts';
import { labelOf } from './transcript.ts';

const buttonSchema = z.looseObject({ type: z.literal('button'), action_id: z.string(), value: z.string().optional() });

/** The button with this label, and the block that it is in. */
export function findButton(blocks: readonly Json[], label: string): z.infer<typeof buttonSchema> & { block: string } {
  const labels: string[] = [];
  for (const block of blocks) {
    const elements = [
      ...(Array.isArray(block.elements) ? block.elements : []),
      ...(block.accessory === undefined ? [] : [block.accessory]),
    ];
    for (const element of elements) {
      const button = buttonSchema.safeParse(element);
      if (!button.success) continue;
      labels.push(labelOf(button.data));
      if (labelOf(button.data) === label) return { ...button.data, block: String(block.block_id ?? 'b') };
    }
  }
  throw new Error(`no button "${label}"; there are: ${labels.join(', ')}`);
}
