import { describe, expect, it } from 'vitest';
import { createSlackPlatform } from '../../../bot/slack/platform.ts';
import { watchedLog } from '../../canary.ts';
import { startFakeSlack } from '../../fakes/slack/index.ts';
import { accepted } from '../platform-harness.ts';
import { slackConfig, TRANSPORTS } from './harness.ts';
import { SlackHost } from './slack-host.ts';

describe.each(TRANSPORTS)('the log, over %s', (transport) => {
  it('holds no token, no signing secret and no response URL, whatever fails', async () => {
    const fake = await startFakeSlack();
    const lines: string[] = [];
    const log = watchedLog((line) => void lines.push(line));
    const platform = createSlackPlatform({ config: slackConfig(fake, transport), log });
    const host = new SlackHost();
    await platform.start(host);
    if (platform.port !== null) fake.requestUrl = `http://127.0.0.1:${platform.port}/slack/events`;
    const general = fake.channel('general');
    const ann = fake.person('ann');

    host.answer = async () => accepted('a cat', 0);
    await ann.slash(general, '/imagine', 'a cat');
    await fake.until(() => fake.posts(general).length === 1, 'the placeholder');
    for (const error of ['invalid_auth', 'missing_scope', 'internal_error']) {
      fake.faults.add('chat.postMessage', { kind: 'error', error });
      await ann.slash(fake.channel(error), '/imagine', 'a cat');
    }
    host.answer = () => Promise.reject(new Error('the host broke'));
    await ann.slash(fake.channel('broken'), '/imagine', 'a cat');
    fake.socketMode.drop();
    await fake.until(() => lines.join('').includes('the host broke'), 'the fault');
    await platform.stop();
    await fake.close();

    const all = lines.join('');
    expect(all).toContain('missing_scope');
    for (const secret of [fake.tokens.bot, fake.tokens.app, fake.signingSecret, '/response/', 'ticket=']) {
      expect(all).not.toContain(secret);
    }
  });
});
