import type { ImageLabel } from './engine.ts';
import type { GuildSettings } from './settings.ts';

/** What an operator demands where a picture classifier is this sure of a label: nothing, a cover until clicked, or no picture. */
export interface ContentRule {
  readonly label: string;
  readonly threshold: number;
  readonly action: 'allow' | 'spoiler' | 'refuse';
}

/** What becomes of a picture, and which label decided it. */
export type Verdict = { readonly action: 'allow' } | { readonly action: 'spoiler' | 'refuse'; readonly label: string };

/** The strictest of the rules that a picture meets; a guild may refuse what its operator would only cover, never the reverse. */
export function verdictOf(
  labels: readonly ImageLabel[],
  rules: readonly ContentRule[],
  flagged: GuildSettings['flagged'],
): Verdict {
  const scores = new Map(labels.map(({ label, score }) => [label, score]));
  const met = rules.filter(({ label, threshold }) => (scores.get(label) ?? 0) >= threshold);
  const strictest = met.find(({ action }) => action === 'refuse') ?? met.find(({ action }) => action === 'spoiler');
  if (strictest === undefined || strictest.action === 'allow') return { action: 'allow' };
  const { label, action } = strictest;
  return { action: flagged === 'refuse' ? 'refuse' : action, label };
}
