import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeholderOf, renderAccepted, renderProgress } from '../../../bot/slack/answers/placeholders.ts';
import { phrasesFor } from '../../../bot/slack/phrases.ts';
import { buttonBlocks, commandOfAction, renderMessage } from '../../../bot/slack/render/blocks.ts';
import { blobKeySchema, jobIdSchema } from '../../../commands/ids.ts';
import type { Button, MessageReply, ReplyPicture } from '../../../commands/reply.ts';
import { blockText, MAX_BLOCK_TEXT, MAX_UPDATE_TEXT, messageBlocksSchema } from '../../fakes/slack/limits.ts';
import { hostileTexts } from '../hostile-texts.ts';
import { accepted } from '../platform-harness.ts';

const phrases = phrasesFor('en');
const text = fc.oneof(fc.string({ maxLength: 5000 }), fc.constantFrom(...hostileTexts.map((hostile) => hostile.text)));
const button: fc.Arbitrary<Button> = fc.record({
  command: fc.constantFrom('refine', 'easel-admin quota set'),
  target: fc.string({ maxLength: 100 }),
  label: text,
  style: fc.constantFrom('primary', 'secondary', 'danger'),
});
const picture: fc.Arbitrary<ReplyPicture> = fc.record({
  id: fc.constant(null),
  blob: fc.constant(blobKeySchema.parse('a'.repeat(64))),
  name: fc.constant('cat.png'),
  alt: text,
  width: fc.constant(64),
  height: fc.constant(64),
  spoiler: fc.boolean(),
});
const reply: fc.Arbitrary<MessageReply> = fc.record(
  {
    kind: fc.constant('message' as const),
    visibility: fc.constant('public' as const),
    text,
    title: text,
    fields: fc.array(fc.record({ name: fc.string({ maxLength: 60 }), value: text }), { maxLength: 25 }),
    pictures: fc.array(picture, { maxLength: 4 }),
    buttons: fc.array(fc.array(button, { maxLength: 5 }), { maxLength: 5 }),
    tone: fc.constantFrom('neutral', 'failure'),
  },
  { requiredKeys: ['kind', 'visibility', 'text'] },
);

function fits(rendered: { text: string; blocks: readonly unknown[] }): void {
  const blocks = messageBlocksSchema.parse(JSON.parse(JSON.stringify(rendered.blocks)));
  expect(blockText(blocks).length).toBeLessThanOrEqual(MAX_BLOCK_TEXT);
  expect(rendered.text.length).toBeLessThanOrEqual(MAX_UPDATE_TEXT);
  expect(rendered.text).not.toMatch(/[<>]/);
  expect(JSON.stringify(blocks)).not.toContain('mrkdwn');
}

describe('a message in Block Kit', () => {
  it('is within every limit, whatever it says', () => {
    fc.assert(
      fc.property(reply, fc.option(text), (message, requester) => {
        const files = (message.pictures ?? []).map((_, index) => `F0000000${index}A`);
        fits(renderMessage(message, files, phrases, requester));
      }),
      { numRuns: 300 },
    );
  });

  it('is within every limit while its job waits and runs', () => {
    fc.assert(
      fc.property(
        text,
        fc.nat({ max: 1000 }),
        fc.constantFrom('en', 'de'),
        fc.option(text),
        (said, place, locale, who) => {
          const words = phrasesFor(locale);
          const waiting = { ...accepted(said, place) };
          fits(renderAccepted(waiting, words, who));
          const placeholder = placeholderOf(waiting, { channel: 'C1', ts: '1.1' });
          const job = jobIdSchema.parse('0190a7a0-0000-7000-8000-000000000001');
          fits(renderProgress(placeholder, { job, state: 'queued', place, expectedSeconds: 3.2 }, words, who));
          fits(
            renderProgress(
              placeholder,
              { job, state: 'running', stage: 'drawing', step: 3, steps: 20, index: 1, count: 4 },
              words,
              who,
              'F0000000AB',
            ),
          );
        },
      ),
    );
  });

  it('keeps a prompt of 4,000 characters whole', () => {
    const prompt = `a cat ${'x'.repeat(3993)}.`;
    const { blocks } = renderMessage({ kind: 'message', visibility: 'public', text: prompt }, [], phrases);
    expect(blockText(messageBlocksSchema.parse(blocks)).replaceAll('\n', '')).toBe(prompt);
  });

  it('names the command in the button, so that it works after a restart', () => {
    const [row] = buttonBlocks([[{ command: 'easel-admin quota set', target: 'x', label: 'Set', style: 'primary' }]]);
    const [pressed] = row?.type === 'actions' ? row.elements : [];
    expect(commandOfAction(pressed && 'action_id' in pressed ? String(pressed.action_id) : '')).toBe(
      'easel-admin quota set',
    );
    expect(commandOfAction('somebody-else')).toBeNull();
  });
});
