import type { Fault } from '../../fakes/slack/faults.ts';
import { isForGood, refusalConformance, type Trouble } from '../delivery/refusals.ts';
import { labelsOf, startSlack } from './harness.ts';

const ways = ['edit', 'post', 'upload', 'bytes', 'completion', 'direct message'] as const;
type Way = (typeof ways)[number];

const METHODS: Readonly<Record<Way, string>> = {
  edit: 'chat.update',
  post: 'chat.postMessage',
  upload: 'files.getUploadURLExternal',
  bytes: 'upload',
  completion: 'files.completeUploadExternal',
  'direct message': 'chat.postMessage',
};

const FAULTS: Readonly<Record<Trouble, Fault>> = {
  '403': { kind: 'status', status: 403 },
  '400 with an unknown code': { kind: 'error', error: 'a_code_that_nobody_knows' },
  '429 without a time': { kind: 'error', error: 'rate_limited' },
  '5xx': { kind: 'status', status: 502 },
  'a lost answer': { kind: 'lost' },
  'no answer at all': { kind: 'mute' },
};
/** The host that takes bytes speaks plain HTTP. */
const BYTES_FAULTS: Readonly<Partial<Record<Trouble, Fault>>> = {
  '400 with an unknown code': { kind: 'status', status: 400 },
  '429 without a time': { kind: 'status', status: 429 },
};
const MANY = 50;

refusalConformance({
  name: 'Slack',
  platform: 'slack',
  ways,
  async makeHarness(host) {
    let skipped = 0;
    const times = { timeoutMs: 300, now: () => performance.now() + skipped };
    const { fake, platform, general, close } = await startSlack(host, 'Socket Mode', times);
    const ann = fake.person('ann');
    return {
      platform,
      close,
      async asks() {
        await ann.slash(general, '/imagine', 'a cat in the snow');
        const placeholder = await fake.until(
          () => [...fake.posts(general), ...fake.posts(ann.im)].find(({ ephemeralTo }) => ephemeralTo === null),
          'the placeholder',
        );
        await fake.until(() => JSON.stringify(host.replyTo).includes(placeholder.ts), 'the placeholder on record');
      },
      makeTrouble(way, trouble) {
        const [placeholder] = fake.posts(general);
        if (way === 'post' && placeholder !== undefined) placeholder.deleted = true;
        if (way === 'direct message') general.archived = true;
        const fault = (way === 'bytes' ? BYTES_FAULTS[trouble] : undefined) ?? FAULTS[trouble];
        const isMeant = ({ channel }: Readonly<Record<string, unknown>>): boolean =>
          way === 'post' ? channel === general.id : way === 'direct message' ? channel === ann.im.id : true;
        fake.faults.add(METHODS[way as Way], fault, isForGood(trouble) ? MANY : 1, isMeant);
      },
      refuseFirstAnswer() {
        fake.faults.add('chat.postMessage', { kind: 'error', error: 'a_code_that_nobody_knows' });
      },
      standing: () =>
        fake.workspace.messages
          .filter(({ deleted, user, channel, ephemeralTo }) => {
            const { archived = true } = fake.workspace.channels.get(channel) ?? {};
            return !deleted && !archived && ephemeralTo === null && user === fake.workspace.bot.id;
          })
          .map((message) => ({
            pictures: message.blocks.filter(({ type }) => type === 'image').length,
            text: fake.text(message),
            isPlaceholder: labelsOf(message).includes('Cancel'),
          })),
      passTime() {
        skipped += 31_000;
      },
    };
  },
});
