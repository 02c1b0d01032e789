import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phrasesFor } from '../../../bot/discord/phrases.ts';
import { renderForm } from '../../../bot/discord/render/form.ts';
import { renderAccepted, renderMessage, renderProgress } from '../../../bot/discord/render/message.ts';
import { channelIdSchema, userIdSchema } from '../../../commands/ids.ts';
import type { Button, FormReply, Mention, MessageReply } from '../../../commands/reply.ts';
import { accept, messageBody, modalBody } from '../../fakes/discord/limits.ts';
import { hostileTexts } from '../hostile-texts.ts';
import { accepted, JOB, plainMessage } from '../platform-harness.ts';

const text = fc.oneof(
  fc.constantFrom(...hostileTexts.map((hostile) => hostile.text)),
  fc.string({ maxLength: 5000, unit: 'binary' }),
  fc.string({ maxLength: 50 }),
);
const button: fc.Arbitrary<Button> = fc.record({
  command: fc.constantFrom('refine', 'upscale', 'easel-admin usage'),
  target: fc.stringMatching(/^[a-z0-9.:-]{0,40}$/),
  label: text,
  style: fc.constantFrom('primary', 'secondary', 'danger'),
});
const reply: fc.Arbitrary<MessageReply> = fc
  .record({
    title: fc.option(text, { nil: undefined }),
    text,
    fields: fc.array(fc.record({ name: text, value: text }), { maxLength: 60 }),
    buttons: fc.array(fc.array(button, { maxLength: 8 }), { maxLength: 8 }),
    tone: fc.constantFrom('neutral', 'success', 'warning', 'failure'),
  })
  .map(({ title, ...rest }) => ({
    kind: 'message',
    visibility: 'public',
    ...(title === undefined ? {} : { title }),
    ...rest,
  }));

describe('renderMessage', () => {
  it('makes of any reply what Discord takes, and says something', () => {
    fc.assert(
      fc.property(reply, (message) => {
        const { content, embeds } = accept(messageBody, renderMessage(message));
        expect((content ?? '').trim() !== '' || (embeds ?? []).length > 0).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('pings nobody', () => {
    fc.assert(
      fc.property(reply, (message) => {
        expect(renderMessage(message).allowed_mentions).toEqual({ parse: [] });
      }),
      { numRuns: 20 },
    );
  });

  it('shows a short text as content and anything more as an embed', () => {
    expect(renderMessage(plainMessage('Done.'))).toMatchObject({ content: 'Done.', embeds: [] });
    const embedded = renderMessage({ ...plainMessage('Done.'), title: 'Queue' });
    expect(embedded).toMatchObject({ content: '', embeds: [{ title: 'Queue', description: 'Done.' }] });
    expect(renderMessage(plainMessage('x'.repeat(3000))).embeds[0]?.description).toBe('x'.repeat(3000));
  });

  it('shows by name whose ids stand in it, and still notifies nobody', () => {
    const mentions: readonly Mention[] = [
      { kind: 'user', id: userIdSchema.parse('80351110224678912') },
      { kind: 'channel', id: channelIdSchema.parse('103735883630395392') },
    ];
    const text = 'Member 80351110224678912 and 165511591545143296 in 103735883630395392';
    const { content, allowed_mentions } = renderMessage({ ...plainMessage(text), mentions });
    expect(content).toBe('Member <@80351110224678912> and 165511591545143296 in <#103735883630395392>');
    expect(allowed_mentions).toEqual({ parse: [] });
    const many = { name: 'Banned', value: Array(500).fill('80351110224678912').join(', ') };
    accept(messageBody, renderMessage({ ...plainMessage(''), fields: [many], mentions }));
  });

  it('shows all fields of a long list, 25 an embed', () => {
    const fields = Array.from({ length: 60 }, (_, index) => ({ name: `/${index}`, value: 'does something' }));
    const { embeds } = renderMessage({ ...plainMessage(''), title: 'Help', fields });
    expect(embeds.map((embed) => embed.fields?.length)).toEqual([25, 25, 10]);
    expect(embeds[0]).not.toHaveProperty('description');
  });

  it('marks the button that shows the next page of what it answers', () => {
    const older = { command: 'history', target: 'p1', label: 'Older', style: 'secondary' } as const;
    const message = { ...plainMessage('Page 1'), buttons: [[older, { ...older, command: 'show', label: 'Show' }]] };
    const ids = (answer?: { command: string }) => JSON.stringify(renderMessage(message, answer).components);
    expect(ids({ command: 'history' })).toContain('easel-page:history:p1');
    expect(ids({ command: 'history' })).toContain('easel:show:p1');
    expect(ids()).toContain('easel:history:p1');
  });

  it('shows once what is there twice, for Discord refuses one custom id twice', () => {
    const again = { command: 'again', target: 'p', label: 'Again', style: 'primary' } as const;
    const { components } = renderMessage({ ...plainMessage('x'), buttons: [[again], [again]] });
    expect(components).toHaveLength(1);
  });
});

describe('progress', () => {
  it('says place and time of what is accepted, in the language of the person', () => {
    const reply = accepted('a cat', 2);
    expect(renderAccepted(reply, phrasesFor('en-GB'), null).content).toBe('2 requests before yours · about 12 s');
    expect(renderAccepted(reply, phrasesFor('de'), null).content).toBe('Noch 2 Aufträge davor · etwa 12 s');
  });

  it('changes only the content, and the files where there is a preview', () => {
    const progress = { job: JOB, state: 'running', stage: 'drawing', step: 5, steps: 10, index: 0, count: 2 } as const;
    const without = renderProgress(progress, phrasesFor('en'), undefined);
    expect(Object.keys(without.body).sort()).toEqual(['allowed_mentions', 'content']);
    expect(without.body.content).toBe('▰▰▰▰▰▱▱▱▱▱ Drawing, picture 1 of 2\\: step 5 of 10');
    const loading = { ...progress, stage: 'loading', step: 0, steps: 0, count: 1 } as const;
    expect(renderProgress(loading, phrasesFor('en'), undefined).body.content).toBe('▱▱▱▱▱▱▱▱▱▱ Loading the model');
    const withPreview = renderProgress(progress, phrasesFor('en'), new Uint8Array(3));
    expect(withPreview.files).toHaveLength(1);
    accept(messageBody, withPreview.body);
  });
});

describe('renderForm', () => {
  const field = { name: 'prompt', label: 'Prompt', value: 'a cat', multiline: true, required: true, maxLength: 4000 };
  const form: FormReply = { kind: 'form', command: 'imagine', title: 'Edit', fields: [field], hidden: { from: 'x' } };

  it('makes of any texts what Discord takes', () => {
    fc.assert(
      fc.property(text, text, text, fc.integer({ min: 1, max: 9000 }), (title, label, value, maxLength) => {
        const fields = [{ ...field, label, value, maxLength }];
        accept(modalBody, JSON.parse(JSON.stringify(renderForm({ ...form, title, fields }))));
      }),
      { numRuns: 300 },
    );
  });

  it('refuses more fields than Discord shows', () => {
    const fields = Array.from({ length: 6 }, (_, index) => ({ ...field, name: `f${index}` }));
    expect(() => renderForm({ ...form, fields })).toThrow(/5 fields/);
  });
});
