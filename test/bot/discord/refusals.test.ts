import { PermissionFlagsBits } from 'discord.js';
import type { Fault } from '../../fakes/discord/faults.ts';
import { buttonsOf, isPicture, messageLines } from '../../fakes/discord/transcript.ts';
import { isForGood, refusalConformance, type Trouble } from '../delivery/refusals.ts';
import { QUARTER_HOUR } from './delivery-scene.ts';
import { startDiscord } from './harness.ts';

const ways = ['edit', 'post', 'upload', 'direct message'] as const;

const FAULTS: Readonly<Record<Trouble, Fault>> = {
  '403': { kind: 'refused', status: 403, code: 50013 },
  '400 with an unknown code': { kind: 'refused', status: 400, code: 999999 },
  '429 without a time': { kind: 'rate', seconds: null },
  '5xx': { kind: 'status', status: 502 },
  'a lost answer': { kind: 'lost' },
  'no answer at all': { kind: 'mute' },
};

refusalConformance({
  name: 'Discord',
  platform: 'discord',
  ways,
  async makeHarness(host) {
    const { fake, platform, general, close } = await startDiscord(host, { timeoutMs: 300 });
    const ann = fake.person('ann', general);
    const calls = {
      edit: { method: 'PATCH', path: /^\/webhooks\/.*\/messages\// },
      post: { method: 'POST', path: new RegExp(`^/channels/${general.id}/messages$`) },
      upload: { path: /\/messages/, withFiles: true },
      'direct message': { method: 'POST', path: new RegExp(`^/channels/(?!${general.id}/)\\d+/messages$`) },
    } as const;
    return {
      platform,
      close,
      async asks() {
        const calledBefore = fake.calls.length;
        await ann.slash('imagine', { prompt: 'a cat in the snow' }).catch(() => undefined);
        await fake.until(
          () => fake.calls.slice(calledBefore).some(({ path }) => path.endsWith('/callback')),
          'an answer',
        );
        await fake.until(() => JSON.stringify(host.replyTo).includes('"message"'), 'the placeholder on record');
      },
      makeTrouble(way, trouble) {
        if (way === 'post' || way === 'direct message') fake.clock.advance(QUARTER_HOUR);
        if (way === 'direct message') general.deniedToBot = PermissionFlagsBits.SendMessages;
        const call = calls[way as (typeof ways)[number]];
        fake.faults.add(call, FAULTS[trouble], isForGood(trouble) ? Number.POSITIVE_INFINITY : 1);
      },
      refuseFirstAnswer() {
        fake.faults.add({ method: 'POST', path: /\/callback$/ }, FAULTS['400 with an unknown code']);
      },
      standing: () =>
        fake.world.messages
          .filter(({ deleted, author }) => !deleted && author === fake.world.bot.id)
          .map((message) => ({
            pictures: message.attachments.filter(isPicture).length,
            text: messageLines(message).join('\n'),
            isPlaceholder: buttonsOf(message).some(({ label }) => label === 'Cancel'),
          })),
      passTime: () => undefined,
    };
  },
});
