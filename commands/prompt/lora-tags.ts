import type { Messages } from '../locale/index.ts';
import { MAX_LORA_WEIGHT } from '../parameters/loras.ts';
import { UserError } from '../request.ts';

/** A LoRA as a person names it. */
export interface LoraWish {
  readonly name: string;
  readonly weight: number;
}

/** LyCORIS is what a web UI's extension called the same files. */
const TAG = /[^\S\n]*<(?:lora|lyco):([^<>]*)>/gi;
const HYPERNETWORK = /<hypernet:([^<>]*)>/i;

/** Takes `<lora:name:0.8>` and `<lora:name>` out of a prompt, as the AUTOMATIC1111 web UI does. Throws a `UserError` for a weight that is none. */
export function takeLoraTags(text: string, messages: Messages): { text: string; loras: readonly LoraWish[] } {
  const [, hypernetwork] = HYPERNETWORK.exec(text) ?? [];
  if (hypernetwork !== undefined) throw new UserError('hypernetwork', messages.prompts.hypernetwork(hypernetwork));
  const loras = [...text.matchAll(TAG)].map(([, inner = '']) => parseLora(inner, messages));
  return loras.length === 0 ? { text, loras } : { text: text.replace(TAG, '').trim(), loras };
}

/** Reads the option: `watercolour:0.8, film grain`. An empty text, or `none`, names no LoRA. */
export function parseLoraList(text: string, messages: Messages): readonly LoraWish[] {
  if (text.trim().toLowerCase() === 'none') return [];
  return text
    .split(',')
    .map((part) => part.trim().replace(/^<(?:lora|lyco):(.*)>$/i, '$1'))
    .filter((part) => part !== '')
    .map((part) => parseLora(part, messages));
}

/** The tags that name these LoRAs, to stand in a prompt. */
export function formatLoraTags(loras: readonly LoraWish[]): string {
  return loras.map(({ name, weight }) => `<lora:${name}:${weight}>`).join(' ');
}

function parseLora(text: string, messages: Messages): LoraWish {
  const [name = '', weight, ...more] = text.split(':').map((part) => part.trim());
  const number = weight === undefined ? 1 : /^[+-]?(\d+\.?\d*|\.\d+)$/.test(weight) ? Number(weight) : Number.NaN;
  if (name === '' || more.length > 0 || !(Math.abs(number) <= MAX_LORA_WEIGHT)) {
    throw new UserError('invalid_lora', messages.prompts.loraForm(text.slice(0, 60), MAX_LORA_WEIGHT));
  }
  return { name, weight: number };
}
