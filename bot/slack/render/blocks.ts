import type { types } from '@slack/bolt';
import { z } from 'zod';
import type { Button, MessageReply, ReplyPicture } from '../../../commands/reply.ts';
import { cutText, displayText } from '../../display-text.ts';
import type { Phrases } from '../phrases.ts';
import { escapeText, fitText, plainText, splitText } from './text.ts';

/**
 * How a neutral message looks in Block Kit. Everything that a person may have typed stands in plain text objects, in which
 * Slack parses nothing. https://docs.slack.dev/reference/block-kit
 */
const MAX_HEADER = 150;
const MAX_SECTION = 3000;
const MAX_FIELD = 2000;
const MAX_CONTEXT = 500;
const MAX_TITLE = 200;
const MAX_FIELDS = 10;
const MAX_BUTTONS_A_ROW = 25;
const MAX_LABEL = 75;
const MAX_ACTION_ID = 255;
const MAX_VALUE = 2000;
/**
 * Slack refuses a message whose blocks hold more than about 12,000 characters in all. A prompt of 4,000 is kept whole;
 * these shares leave room for it, its copy in a field, four text alternatives and the buttons. What the text leaves of its
 * share is the fields'.
 */
const TEXT_BUDGET = 5500;
const FIELDS_BUDGET = 2500;
const ALT_BUDGET = 2000;
/** chat.update allows 4,000; a notification shows far less. */
const MAX_FALLBACK = 1000;

export interface RenderedMessage {
  /** What notifications and screen readers say. */
  readonly text: string;
  readonly blocks: types.KnownBlock[];
}

/**
 * `files` has the Slack file of each picture of the reply, in their order. `requester` is named where not only they read it:
 * in plain text, which notifies nobody.
 */
export function renderMessage(
  reply: MessageReply,
  files: readonly string[],
  phrases: Phrases,
  requester: string | null = null,
): RenderedMessage {
  const pictures = reply.pictures ?? [];
  const sign = reply.tone === 'failure' || reply.tone === 'warning' ? '⚠️ ' : '';
  const lead = [reply.title, reply.text].filter((part) => part !== undefined && part !== '').join('\n');
  return {
    text: fitText(sign + (lead === '' ? (pictures[0]?.alt ?? '') : lead), MAX_FALLBACK) || '·',
    blocks: [
      ...(reply.title === undefined ? [] : [headerBlock(sign + reply.title)]),
      ...textBlocks(reply.title === undefined ? sign + reply.text : reply.text),
      ...fieldBlocks(
        reply.fields ?? [],
        Math.max(FIELDS_BUDGET, TEXT_BUDGET + FIELDS_BUDGET - escapeText(lead).length),
      ),
      ...(requester === null ? [] : [contextBlock([phrases.requester(requester)])]),
      ...pictures.flatMap((picture, index) => {
        const file = files[index];
        if (file === undefined) return [];
        // Which of several a button or a recipe's id means.
        const title = pictures.length === 1 ? null : `${index + 1} · ${picture.name}`;
        return [pictureBlock(picture, { file, title, maxAlt: ALT_BUDGET / pictures.length }, phrases)];
      }),
      ...buttonBlocks(reply.buttons ?? []),
    ],
  };
}

function headerBlock(title: string): types.KnownBlock {
  return { type: 'header', text: plainText(title, MAX_HEADER) };
}

/** A line in small letters. */
export function contextBlock(texts: readonly string[]): types.KnownBlock {
  return { type: 'context', elements: texts.map((text) => plainText(text, MAX_CONTEXT)) };
}

/** As many sections as the text needs; none where it is empty. */
export function textBlocks(text: string, budget = TEXT_BUDGET): types.KnownBlock[] {
  if (text.trim() === '') return [];
  const [whole = ''] = splitText(text, budget, 1);
  if (whole.length <= MAX_SECTION) return [{ type: 'section', text: plainText(text, MAX_SECTION) }];
  return splitText(text, Math.ceil(budget / 2), 2).map((part) => ({
    type: 'section',
    text: { type: 'plain_text', text: part, emoji: false },
  }));
}

/** `budget`: the characters of all fields together. */
function fieldBlocks(fields: NonNullable<MessageReply['fields']>, budget: number): types.KnownBlock[] {
  const share = Math.min(MAX_FIELD, Math.floor(budget / Math.max(1, fields.length)));
  const rows: types.KnownBlock[] = [];
  for (let from = 0; from < fields.length; from += MAX_FIELDS) {
    const texts = fields.slice(from, from + MAX_FIELDS).map(({ name, value }) => plainText(`${name}\n${value}`, share));
    rows.push({ type: 'section', fields: texts });
  }
  return rows;
}

interface Shown {
  readonly file: string;
  readonly title: string | null;
  readonly maxAlt: number;
}

function pictureBlock(picture: ReplyPicture, { file, title, maxAlt }: Shown, phrases: Phrases): types.KnownBlock {
  const alt = cutText(displayText(picture.alt), Math.floor(maxAlt)).trim() || picture.name;
  if (picture.spoiler) return revealBlock(file, alt, title, phrases);
  const above = title === null ? {} : { title: plainText(title, MAX_TITLE) };
  return { type: 'image', slack_file: { id: file }, alt_text: alt, ...above };
}

export const REVEAL = 'easel:reveal:';

/** Slack has no spoilers: the picture waits behind a button, which shows it to whoever presses. */
function revealBlock(file: string, alt: string, title: string | null, phrases: Phrases): types.KnownBlock {
  return {
    type: 'section',
    text: plainText([phrases.hiddenPicture, title ?? []].flat().join(' '), MAX_TITLE),
    accessory: {
      type: 'button',
      action_id: REVEAL + file,
      text: plainText(phrases.show, MAX_LABEL),
      value: JSON.stringify({ file, alt: cutText(alt, 500) }),
    },
  };
}

export function buttonBlocks(rows: readonly (readonly Button[])[]): types.KnownBlock[] {
  return rows
    .filter((row) => row.length > 0)
    .map((row, rowIndex) => ({
      type: 'actions',
      elements: row.slice(0, MAX_BUTTONS_A_ROW).map((button, index) => ({
        type: 'button',
        action_id: actionId(button.command, `${rowIndex}.${index}`),
        text: plainText(button.label, MAX_LABEL),
        value: buttonValue(button).slice(0, MAX_VALUE),
        ...(button.style === 'secondary' ? {} : { style: button.style }),
      })),
    }));
}

/** The command is part of the id, so that a button works after any restart. The place keeps the ids of a message apart. */
function actionId(command: string, place: string): string {
  return `easel:run:${command}:${place}`.slice(0, MAX_ACTION_ID);
}

const RUN = /^easel:run:([^:]+):[\d.]+$/;

/** The target alone, or all options as JSON where there are more. */
function buttonValue({ target, options }: Button): string {
  return options === undefined ? target : JSON.stringify({ ...options, target });
}

/** The options that a button's value holds. */
export function optionsOfButton(value: string): Readonly<Record<string, string>> {
  return value.startsWith('{') ? optionsSchema.parse(JSON.parse(value)) : { target: value };
}

const optionsSchema = z.record(z.string(), z.string());

/** The command that a button runs; null where the button is not one of ours. */
export function commandOfAction(action: string): string | null {
  return RUN.exec(action)?.[1] ?? null;
}

/** The Slack files that a message's blocks show. */
export function filesOfBlocks(blocks: readonly unknown[]): string[] {
  const files: string[] = [];
  JSON.stringify(blocks, (key, value: unknown) => {
    if (key === 'slack_file' && typeof value === 'object' && value !== null && 'id' in value)
      files.push(String(value.id));
    return value;
  });
  return files;
}
