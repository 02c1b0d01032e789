import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeliveryError } from '../../bot/platform.ts';
import type { FormReply, MessageReply, Reply } from '../../commands/reply.ts';
import { hostileTexts } from './hostile-texts.ts';
import {
  accepted,
  JOB,
  type MakeHarness,
  type PlatformHarness,
  plainMessage,
  ScriptedHost,
} from './platform-harness.ts';

const NONCE = 'easel-0123456789abcdefghi';
const LONE_SURROGATE = /\p{Surrogate}/u;
const BIDI_CONTROL = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** What every platform owes a person, whatever its transport. Discord, Slack and the page all run it. */
export function platformConformance(name: string, makeHarness: MakeHarness): void {
  describe(`${name} keeps the platform contract`, () => {
    let host: ScriptedHost;
    let harness: PlatformHarness;

    beforeEach(async () => {
      host = new ScriptedHost();
      harness = await makeHarness(host);
    });

    afterEach(() => harness.close());

    async function eventually<T>(check: () => T | Promise<T>): Promise<T> {
      return vi.waitFor(check, { timeout: 20_000, interval: 25 });
    }

    /** The asker's only message, once it reads as it should. */
    async function onlyMessage(text: string) {
      return eventually(async () => {
        const messages = await harness.asker.messages();
        expect(messages.map((message) => message.text)).toEqual([expect.stringContaining(text)]);
        return messages[0]!;
      });
    }

    async function finished(): Promise<MessageReply> {
      const pictures = [await host.addPicture(0, 'a cat in the snow'), await host.addPicture(1, 'a cat in the snow')];
      const target = pictures[0]!.id!;
      const button = { command: 'refine', target, label: 'Refine', style: 'primary' } as const;
      return { ...plainMessage('Seed 7, 20 steps'), pictures, buttons: [[button]] };
    }

    it('hands a command over with its options, its person and its place', async () => {
      await harness.asker.runs('imagine', { prompt: 'a cat in the snow', seed: '7' });
      const request = await eventually(() => {
        expect(host.requests).toHaveLength(1);
        return host.requests[0]!;
      });
      expect(request.command).toBe('imagine');
      expect(request.options.prompt).toBe('a cat in the snow');
      expect(String(request.options.seed)).toBe('7');
      expect(request.origin).toMatchObject({ platform: harness.platform.id, user: harness.asker.id });
      expect(JSON.parse(JSON.stringify(request.replyTo))).toEqual(request.replyTo);
    });

    it('acknowledges before the answer is there', async () => {
      const gate = openableGate<Reply>();
      host.answer = () => gate.promise;
      await harness.asker.runs('imagine', { prompt: 'slow' });
      gate.open(plainMessage('At last.'));
      await onlyMessage('At last.');
    });

    it('shows that a request is accepted, then its place, its steps, and the pictures in the same place', async () => {
      host.answer = async () => accepted('Drawing a cat in the snow', 3);
      await harness.asker.runs('imagine', { prompt: 'a cat in the snow' });
      const placeholder = await onlyMessage('Drawing a cat in the snow');
      expect(placeholder.buttons).toContain('Cancel');

      await harness.platform.progress(host.replyTo, { job: JOB, state: 'queued', place: 2, expectedSeconds: 9 });
      await onlyMessage('2');
      const running = { job: JOB, state: 'running', stage: 'drawing', steps: 23, index: 0, count: 1 } as const;
      for (const step of [1, 2, 17]) await harness.platform.progress(host.replyTo, { ...running, step });
      expect((await onlyMessage('17')).text).toContain('23');

      await harness.platform.deliver(host.delivery(await finished(), NONCE));
      const message = await onlyMessage('Seed 7, 20 steps');
      expect(message.pictures.map((picture) => picture.alt)).toEqual(['a cat in the snow', 'a cat in the snow']);
      expect(message.pictures.every((picture) => picture.bytes.length > 0)).toBe(true);
      expect(message.buttons).toContain('Refine');
      expect(message.buttons).not.toContain('Cancel');
    });

    it('asks before it shows progress whether that is still wanted, and shows nothing after the end', async () => {
      if (harness.platform.showsProgressLocally) return;
      host.answer = async () => accepted('Drawing a cat in the snow', 3);
      await harness.asker.runs('imagine', { prompt: 'a cat in the snow' });
      await onlyMessage('Drawing a cat in the snow');
      const running = {
        job: JOB,
        state: 'running',
        stage: 'drawing',
        step: 17,
        steps: 23,
        index: 0,
        count: 1,
      } as const;
      const isWanted = vi.fn(async () => false);
      await harness.platform.progress(host.replyTo, running, isWanted);
      await eventually(() => expect(isWanted).toHaveBeenCalled());
      await harness.platform.progress(host.replyTo, { job: JOB, state: 'finished', status: 'done' });
      const late = vi.fn(async () => true);
      await harness.platform.progress(host.replyTo, running, late);
      await harness.platform.deliver(host.delivery(plainMessage('Here it is.'), NONCE));
      await onlyMessage('Here it is.');
      expect(late).not.toHaveBeenCalled();
    });

    it('takes progress for an unknown placeholder without complaint', async () => {
      const progress = { job: JOB, state: 'restarting' } as const;
      await expect(harness.platform.progress({ nonsense: true }, progress)).resolves.toBeUndefined();
    });

    it('shows a delivery that is repeated with the same nonce once', async () => {
      host.answer = async () => accepted('Drawing', 0);
      await harness.asker.runs('imagine', { prompt: 'twice' });
      await onlyMessage('Drawing');
      const delivery = host.delivery(await finished(), NONCE);
      const first = await harness.platform.deliver({ ...delivery, savePartial: delivery.savePartial });
      const second = await harness.platform.deliver({ ...delivery, partial: delivery.partial });
      expect(second).toEqual(first);
      const message = await onlyMessage('Seed 7, 20 steps');
      expect(message.pictures).toHaveLength(2);
    });

    it('shows it once although nothing of the first try was recorded', async () => {
      host.answer = async () => accepted('Drawing', 0);
      await harness.asker.runs('imagine', { prompt: 'twice' });
      await onlyMessage('Drawing');
      const message = await finished();
      const forgetful = { ...host.delivery(message, NONCE), savePartial: async () => {} };
      await harness.platform.deliver(forgetful);
      await harness.platform.deliver(forgetful);
      expect((await onlyMessage('Seed 7, 20 steps')).pictures).toHaveLength(2);
    });

    it('asks for another try in an outage, and goes on from what it saved', async () => {
      host.answer = async () => accepted('Drawing', 0);
      await harness.asker.runs('imagine', { prompt: 'storm' });
      await onlyMessage('Drawing');
      const delivery = host.delivery(await finished(), NONCE);
      const endOutage = await harness.outage();
      const failure = await harness.platform.deliver(delivery).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(DeliveryError);
      expect(failure).toMatchObject({ outcome: 'retry' });
      await endOutage();
      await harness.platform.deliver({ ...delivery, partial: delivery.partial });
      expect((await onlyMessage('Seed 7, 20 steps')).pictures).toHaveLength(2);
    });

    it('refuses for good what has nowhere to go', async () => {
      const delivery = { ...host.delivery(plainMessage('Lost'), NONCE), replyTo: { nonsense: true } };
      const failure = await harness.platform.deliver(delivery).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(DeliveryError);
      expect(failure).toMatchObject({ outcome: 'refused' });
    });

    it('keeps a private answer and a private delivery from onlookers', async () => {
      host.answer = async () => ({ ...accepted('Only for you', 0), visibility: 'private' });
      await harness.asker.runs('imagine', { prompt: 'secret' });
      await onlyMessage('Only for you');
      await harness.platform.deliver(host.delivery({ ...(await finished()), visibility: 'private' }, NONCE));
      await onlyMessage('Seed 7, 20 steps');
      expect(await harness.onlooker.messages()).toEqual([]);
    });

    it('runs the command that a button names, with its target and its message', async () => {
      const message = await finished();
      host.answer = async () => message;
      await harness.asker.runs('imagine', { prompt: 'a cat in the snow' });
      const seen = await onlyMessage('Seed 7, 20 steps');
      host.answer = async () => ({ ...plainMessage('Refining'), visibility: 'private' });
      await harness.asker.presses(seen, 'Refine');
      const request = await eventually(() => {
        expect(host.requests).toHaveLength(2);
        return host.requests[1]!;
      });
      expect(request.command).toBe('refine');
      expect(request.options).toEqual({ target: message.buttons![0]![0]!.target });
      expect(request.message).toBeDefined();
      expect(request.origin.event).not.toBe(host.requests[0]!.origin.event);
    });

    it('answers an unknown button with one private line', async () => {
      await harness.asker.pressesUnknownButton();
      const seen = await eventually(async () => {
        const messages = await harness.asker.messages();
        expect(messages).toHaveLength(1);
        return messages[0]!;
      });
      expect(seen.text.trim()).not.toBe('');
      expect(await harness.onlooker.messages()).toEqual([]);
    });

    it('opens a form, and brings what was typed and what was hidden back', async () => {
      const form: FormReply = {
        kind: 'form',
        command: 'imagine',
        title: 'Edit the recipe',
        fields: [
          { name: 'prompt', label: 'Prompt', value: 'a cat', multiline: true, required: true, maxLength: 4000 },
          { name: 'seed', label: 'Seed', value: '7', multiline: false, required: false, maxLength: 16 },
        ],
        hidden: { parent: '0123456789' },
      };
      const message = await finished();
      const edit = {
        command: 'edit',
        target: message.buttons![0]![0]!.target,
        label: 'Edit',
        style: 'secondary',
      } as const;
      host.answer = async () => ({ ...message, buttons: [[edit]] });
      await harness.asker.runs('imagine', { prompt: 'a cat' });
      const seen = await onlyMessage('Seed 7, 20 steps');

      host.answer = async () => form;
      await harness.asker.presses(seen, 'Edit');
      const opened = await eventually(async () => {
        const found = await harness.asker.openForm();
        expect(found).not.toBeNull();
        return found!;
      });
      expect(opened.title).toBe('Edit the recipe');
      expect(opened.fields.map(({ name, value }) => [name, value])).toEqual([
        ['prompt', 'a cat'],
        ['seed', '7'],
      ]);

      host.answer = async () => accepted('Drawing a dog', 0);
      await harness.asker.submits({ prompt: 'a dog' });
      const request = await eventually(() => {
        expect(host.requests).toHaveLength(3);
        return host.requests[2]!;
      });
      expect(request.command).toBe('imagine');
      expect(request.options).toMatchObject({ prompt: 'a dog', seed: '7', parent: '0123456789' });
      await eventually(async () =>
        expect((await harness.asker.messages()).at(-1)?.text).toEqual(expect.stringContaining('Drawing a dog')),
      );
    });

    it('removes the message whose button deletes it', async () => {
      const message = await finished();
      host.answer = async () => message;
      await harness.asker.runs('imagine', { prompt: 'a cat' });
      const seen = await onlyMessage('Seed 7, 20 steps');
      host.answer = async () => ({ kind: 'deleted', text: 'Deleted.' });
      await harness.asker.presses(seen, 'Refine');
      await eventually(async () =>
        expect((await harness.asker.messages()).filter((left) => left.pictures.length > 0)).toEqual([]),
      );
    });

    it('gives a repeated act the same event id', async () => {
      await harness.asker.runs('imagine', { prompt: 'again?' });
      await onlyMessage('Nothing to say.');
      await harness.asker.lastActIsRepeated();
      expect(new Set(host.requests.map((request) => request.origin.event)).size).toBe(1);
    });

    it('gives different acts different event ids', async () => {
      await harness.asker.runs('imagine', { prompt: 'one' });
      await harness.asker.runs('imagine', { prompt: 'one' });
      await eventually(() => expect(host.requests).toHaveLength(2));
      expect(new Set(host.requests.map((request) => request.origin.event)).size).toBe(2);
    });

    it.each(hostileTexts)('shows $name without a ping or a break', async ({ text, remains }) => {
      const picture = await host.addPicture(0, text);
      host.answer = async () => ({ ...accepted(text, 0) });
      await harness.asker.runs('imagine', { prompt: 'hostile' });
      await eventually(async () => expect(await harness.asker.messages()).toHaveLength(1));
      const fields = [{ name: 'Prompt', value: text }];
      const message: MessageReply = { ...plainMessage(text), title: 'Finished', fields, pictures: [picture] };
      await harness.platform.deliver(host.delivery(message, NONCE));
      const seen = await eventually(async () => {
        const messages = await harness.asker.messages();
        expect(messages).toHaveLength(1);
        expect(messages[0]!.pictures).toHaveLength(1);
        return messages[0]!;
      });
      expect(seen.pings.filter((who) => who !== harness.asker.id)).toEqual([]);
      for (const shown of [seen.text, seen.pictures[0]!.alt]) {
        expect(shown).toContain(remains);
        expect(shown).not.toMatch(LONE_SURROGATE);
        expect(shown).not.toMatch(BIDI_CONTROL);
      }
    });

    it('answers what is in hand before it stops', async () => {
      const gate = openableGate<Reply>();
      host.answer = () => gate.promise;
      await harness.asker.runs('imagine', { prompt: 'last words' });
      await eventually(() => expect(host.requests).toHaveLength(1));
      const stopped = harness.platform.stop();
      gate.open(plainMessage('Good night.'));
      await stopped;
      await onlyMessage('Good night.');
    });

    it('stops twice as well as once', async () => {
      await harness.platform.stop();
      await harness.platform.stop();
    });
  });
}

/** A promise that a test fulfils when it wants. */
function openableGate<T>(): { promise: Promise<T>; open: (value: T) => void } {
  let open: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}
