import { setTimeout as sleep } from 'node:timers/promises';
import { post, sign } from '../../../test/fakes/slack/signed-http.ts';
import { BOTH, type Fault, Violation } from './fault.ts';

const FORM = 'application/x-www-form-urlencoded';
const SKEW_SECONDS = 6 * 60;

/** What Slack does to apps, and what others do in its name. */
export const slackFaults: readonly Fault[] = [
  {
    kind: 'Slack: every event three times',
    part: 'slack',
    async inject({ slack }) {
      slack.delivery.copies = 3;
      await sleep(4000);
      slack.delivery.copies = 1;
    },
  },
  {
    kind: 'Slack: storm of 429',
    part: 'slack',
    silences: ['slack'],
    async inject({ slack }, random) {
      const seconds = random.whole(1, 3);
      for (const method of ['chat.update', 'chat.postMessage', 'files.getUploadURLExternal']) {
        slack.faults.add(method, { kind: 'rate', seconds }, 3);
      }
      await sleep(4000);
    },
  },
  {
    kind: 'Slack: outage',
    part: 'slack',
    silences: ['slack'],
    async inject({ slack }, random) {
      slack.faults.outage = true;
      await sleep(random.between(2000, 8000));
      slack.faults.outage = false;
    },
  },
  {
    kind: 'Slack: upload done, complete fails',
    part: 'slack',
    async inject({ slack }, random) {
      slack.faults.add('files.completeUploadExternal', { kind: 'status', status: 500 }, random.whole(1, 3));
      await sleep(3000);
    },
  },
  {
    kind: 'Slack: the upload breaks off',
    part: 'slack',
    async inject({ slack }, random) {
      slack.faults.add('upload', random.pick([{ kind: 'cut' }, { kind: 'status', status: 503 }]), 2);
      await sleep(3000);
    },
  },
  {
    kind: 'Slack: does it, and the answer is lost',
    part: 'slack',
    async inject({ slack }, random) {
      for (const method of ['chat.update', 'chat.postMessage', 'files.completeUploadExternal']) {
        slack.faults.add(method, { kind: 'lost' }, random.whole(0, 2));
      }
      await sleep(3000);
    },
  },
  {
    kind: 'bot: kill -9 between post and record (Slack)',
    part: 'bot',
    weight: 2,
    silences: BOTH,
    async inject({ slack, bot }, random) {
      const method = random.pick(['chat.update', 'chat.postMessage', 'files.completeUploadExternal']);
      const done = () => slack.calls.filter((call) => call.method === method && call.result === 'ok').length;
      const before = done();
      const deadline = Date.now() + 15_000;
      while (done() <= before && Date.now() < deadline) await sleep(2);
      await bot.kill();
      await bot.start();
    },
  },
  {
    kind: 'Slack: sockets drop',
    part: 'slack',
    silences: ['slack'],
    unavailable: ({ slackMode }) => (slackMode === 'sockets' ? null : 'this round is over HTTP'),
    async inject({ slack }) {
      slack.socketMode.drop();
    },
  },
  {
    kind: 'Slack: asks for a new socket',
    part: 'slack',
    silences: ['slack'],
    unavailable: ({ slackMode }) => (slackMode === 'sockets' ? null : 'this round is over HTTP'),
    async inject({ slack }) {
      slack.socketMode.refresh();
    },
  },
  {
    kind: 'Slack: forged, stale and repeated signatures',
    part: 'slack',
    weight: 2,
    unavailable: ({ slackMode }) => (slackMode === 'http' ? null : 'this round is over sockets'),
    async inject({ slack, postgres }) {
      const url = slack.requestUrl;
      if (url === null) return;
      const now = slack.clock.seconds();
      const [channel] = slack.workspace.channels.values();
      const person = [...slack.workspace.users.values()].find(({ isBot }) => !isBot);
      const body = (name: string) =>
        new URLSearchParams({
          ...{ command: '/imagine', text: `${name} --size 64x64 --steps 2`, trigger_id: `hostile.${name}.${now}` },
          ...{ team_id: slack.workspace.team.id, channel_id: channel?.id ?? '', user_id: person?.id ?? '' },
        }).toString();
      const genuine = sign(body('genuine'), FORM, slack.signingSecret, now);
      await post(url, genuine);
      const hostile = {
        forged: sign(body('forged'), FORM, 'another secret', now),
        stale: sign(body('stale'), FORM, slack.signingSecret, now - SKEW_SECONDS),
        'ahead of its time': sign(body('ahead'), FORM, slack.signingSecret, now + SKEW_SECONDS),
        replayed: genuine,
      };
      for (const [what, request] of Object.entries(hostile)) {
        const answer = await post(url, request);
        if (answer !== null && answer.status !== 401) {
          throw new Violation(`a request that was ${what} was answered with ${answer.status}`);
        }
      }
      const events = ['forged', 'stale', 'ahead'].map((name) => `trigger:hostile.${name}.${now}`);
      const jobs = await postgres.query('select id from easel.jobs where event = any($1)', [events]);
      if (jobs.length > 0) throw new Violation('a forged or stale request became a job');
    },
  },
];
