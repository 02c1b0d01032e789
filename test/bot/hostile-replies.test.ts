import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resultMessage } from '../../bot/delivery/result-message.ts';
import { phrasesFor as discordPhrases } from '../../bot/discord/phrases.ts';
import { renderForm } from '../../bot/discord/render/form.ts';
import * as discord from '../../bot/discord/render/message.ts';
import { plainText } from '../../bot/discord/render/text.ts';
import { dispatch } from '../../bot/dispatch.ts';
import { suggest } from '../../bot/services/suggest.ts';
import { renderAccepted as renderAcceptedInSlack } from '../../bot/slack/answers/placeholders.ts';
import { phrasesFor as slackPhrases } from '../../bot/slack/phrases.ts';
import * as slack from '../../bot/slack/render/blocks.ts';
import { formView } from '../../bot/slack/render/form.ts';
import { jobFailure } from '../../commands/failure.ts';
import type { FormReply, Reply } from '../../commands/reply.ts';
import { watchedLog } from '../canary.ts';
import { attachment, type Person, requestOf } from '../commands/ask.ts';
import { MemoryServices } from '../commands/memory-services.ts';
import { accept, autocompleteBody, messageBody, modalBody } from '../fakes/discord/limits.ts';
import { blockText, MAX_BLOCK_TEXT, MAX_UPDATE_TEXT, messageBlocksSchema, viewSchema } from '../fakes/slack/limits.ts';
import { hostileTexts } from './hostile-texts.ts';

/*
 * Every command that repeats what somebody typed, asked with texts that break or misuse chats; its reply as Discord and Slack
 * would be given it.
 */

const UNSHOWABLE =
  /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|(?![\t\n])\p{Control}|\p{Surrogate}/u;
/** An at-sign or an angle bracket that Discord would read as markup. */
const UNESCAPED = /(?<!\\)[@<]/;

/** Every text in it, wherever it stands. */
function expectShowable(value: unknown): void {
  JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'string') expect(part).not.toMatch(UNSHOWABLE);
    return part;
  });
}

let services: MemoryServices;
/** Commands that broke instead of refusing. */
const faults: string[] = [];
const log = watchedLog((line) => {
  if (line.includes('a command failed')) faults.push(line);
});
const ask = (command: string, options: Record<string, unknown> = {}, person: Person = {}): Promise<Reply> =>
  dispatch(requestOf(command, options, person), services, log);

beforeEach(() => {
  services = new MemoryServices();
});
afterEach(() => expect(faults.splice(0)).toEqual([]));

function showsInDiscord(reply: Reply): void {
  if (reply.kind === 'deleted') return;
  if (reply.kind === 'form') return void accept(modalBody, renderForm(reply));
  const body =
    reply.kind === 'accepted'
      ? discord.renderAccepted(reply, discordPhrases('en'), reply.text)
      : discord.renderMessage(reply, { footer: reply.text });
  const { content, embeds } = accept(messageBody, body);
  expect(body.allowed_mentions).toEqual({ parse: [] });
  const shown = [
    content ?? '',
    ...(embeds ?? []).flatMap(({ title = '', description = '', fields = [] }) => [
      title,
      description,
      ...fields.flatMap(({ name, value }) => [name, value]),
    ]),
  ];
  for (const text of shown) expect(text).not.toMatch(UNESCAPED);
  expectShowable(body);
  for (const { alt } of reply.kind === 'message' ? (reply.pictures ?? []) : []) {
    expect(plainText(alt, 1024)).not.toMatch(UNSHOWABLE);
  }
}

function showsInSlack(reply: Reply): void {
  const phrases = slackPhrases('en');
  if (reply.kind === 'deleted') return;
  if (reply.kind === 'form') {
    const view = viewSchema.parse(
      JSON.parse(JSON.stringify(formView(reply, { channel: 'C1', thread: null }, phrases))),
    );
    expect(JSON.stringify(view)).not.toContain('mrkdwn');
    return;
  }
  const { text, blocks } =
    reply.kind === 'accepted'
      ? renderAcceptedInSlack(reply, phrases, reply.text)
      : slack.renderMessage(reply, filesOf(reply.pictures ?? []), phrases, reply.text);
  const parsed = messageBlocksSchema.parse(JSON.parse(JSON.stringify(blocks)));
  expect(blockText(parsed).length).toBeLessThanOrEqual(MAX_BLOCK_TEXT);
  expect(text.length).toBeLessThanOrEqual(MAX_UPDATE_TEXT);
  expect(text).not.toMatch(/[<>]/);
  expect(JSON.stringify(blocks)).not.toContain('mrkdwn');
  expectShowable(blocks);
}

const filesOf = (pictures: readonly unknown[]) => pictures.map((_, index) => `F0000000${index}A`);

function shows(reply: Reply): void {
  showsInDiscord(reply);
  showsInSlack(reply);
}

describe.each(hostileTexts)('$name', ({ text }) => {
  it('as a prompt, from the first answer to what is made of it', async () => {
    shows(await ask('imagine', { prompt: text, negative: text, prompt2: text, count: 2 }));
    shows(await ask('queue'));
    const [picture] = services.finishLast();
    const [job] = [...services.store.jobs.values()];
    if (picture === undefined || job === undefined) throw new Error('It was not accepted.');
    shows(resultMessage(job, [picture, { ...picture, recipe: { ...picture.recipe, prompt: `${text}!` } }], 'en'));
    const failure = jobFailure('content', text);
    shows(resultMessage({ ...job, status: 'failed', failure }, [], 'en'));
    for (const command of ['show', 'more', 'edit', 'inpaint', 'again', 'vary', 'upscale', 'zoom-out', 'reproduce']) {
      shows(await ask(command, { target: picture.id }));
    }
    shows(await ask('history'));
    const found = await suggest('recipe', '', requestOf('show'), services);
    accept(autocompleteBody, { choices: found.map(({ name, value }) => ({ name: plainText(name, 100), value })) });
  });

  it.each([
    'aspect',
    'size',
    'sampler',
    'lora',
    'style',
    'model',
    'refine',
    'from',
    'seed',
    'private',
    text.slice(0, 40),
  ])('as the option %s', async (option) => shows(await ask('imagine', { prompt: 'a cat', [option]: text })));

  it('as what else people type', async () => {
    shows(await ask(text));
    shows(await ask('help', { command: text }));
    shows(await ask('show', { target: text }));
    shows(await ask('preferences', { negative: text.slice(0, 1000) }));
    shows(await ask('preferences', { style: text }));
  });

  it('as what admins type, and the log of it', async () => {
    const admin = (command: string, options: Record<string, unknown> = {}) =>
      ask(`easel-admin ${command}`, options, { admin: true });
    const entry = text.slice(0, 100);
    shows(await admin('block add', { entry }));
    shows(await admin('block list'));
    shows(await admin('block test', { prompt: text }));
    shows(await ask('imagine', { prompt: text }));
    shows(await admin('block remove', { entry: `${entry.slice(0, 90)}no` }));
    shows(await admin('style set', { name: entry, prompt: 'x' }));
    shows(await admin('style set', { name: 'hostile', prompt: text.slice(0, 1000), negative: text.slice(0, 1000) }));
    shows(await ask('styles'));
    shows(await admin('style remove', { name: text.slice(0, 32) }));
    shows(await admin('reaction', { reaction: text.slice(0, 64), command: 'none' }));
    shows(await admin('reaction', { reaction: 'x', command: text.slice(0, 32) }));
    shows(await admin('defaults', { negative: text.slice(0, 1000) }));
    shows(await admin('allow model', { model: text.slice(0, 100) }));
    shows(await admin('ban', { user: text }));
    shows(await admin('cancel', { target: text }));
    const file = attachment(new TextEncoder().encode(JSON.stringify({ [text]: 1 })), text);
    shows(await admin('import', { file }));
    const styles = attachment(new TextEncoder().encode(JSON.stringify([{ name: text, prompt: text }])), text);
    shows(await admin('style import', { file: styles }));
    shows(await admin('settings'));
    shows(await admin('audit'));
  });

  it('as the name of a file that the operator has put there', async () => {
    services.known.loras.push({ name: text.slice(0, 200), hash: 'ab'.repeat(32), models: ['mini'] });
    services.known.wildcards.set(text.slice(0, 200), ['x']);
    shows(await ask('extras'));
    shows(await ask('imagine', { prompt: 'a cat', lora: 'nothing' }));
    shows(await ask('easel-admin allow lora', { lora: text.slice(0, 200) }, { admin: true }));
    shows(await ask('imagine', { prompt: 'a cat <lora:other:1>' }));
    const found = await suggest('lora', '', requestOf('imagine'), services);
    accept(autocompleteBody, { choices: found.map(({ name, value }) => ({ name: plainText(name, 100), value })) });
  });
});

it('a form shows the words as they are to be edited', async () => {
  await ask('imagine', { prompt: 'a cat <!channel> @here' });
  const [picture] = services.finishLast();
  const form = (await ask('edit', { target: picture?.id })) as FormReply;
  expect(form.fields[0]?.value).toBe('a cat <!channel> @here');
});
