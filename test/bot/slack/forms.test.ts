import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accepted } from '../platform-harness.ts';
import { TRANSPORTS } from './harness.ts';
import { SlackScene } from './slack-scene.ts';

describe.each(TRANSPORTS)('what people do in Slack, over %s', (transport) => {
  let slack: SlackScene;

  beforeEach(async () => {
    slack = await SlackScene.open(transport);
  });

  afterEach(() => slack.close());

  it('an admin’s command opens its form for admins only; others are refused by the host at once', async () => {
    await slack.ann.slash(slack.general, '/easel-admin', 'ban');
    expect(await slack.asked()).toMatchObject({ command: 'easel-admin ban', options: {} });
    expect(slack.ann.view).toBeUndefined();
    const boss = slack.fake.person('boss', { admin: true });
    await boss.slash(slack.general, '/easel-admin', 'ban');
    await slack.fake.until(() => boss.view, 'the form');
    expect(slack.host.requests).toHaveLength(1);
  });

  it('who comes from another workspace is served by the rules of this one, and is no admin here', async () => {
    const partner = slack.fake.person('partner', { admin: true, team: 'T0PARTNER' });
    await partner.slash(slack.general, '/imagine');
    await slack.fake.until(() => partner.view, 'the form');
    await partner.submit({ prompt: 'a fox' });
    expect(await slack.asked()).toMatchObject({
      origin: { guild: slack.fake.workspace.team.id },
      actor: { admin: false },
    });
  });

  it('a command without its text opens a form made of its options', async () => {
    await slack.ann.slash(slack.general, '/imagine');
    await slack.fake.until(() => slack.ann.view, 'the form');
    const picked = slack.ann.file('start.jpg', new Uint8Array([4, 5]));
    expect(await slack.ann.suggestions('model', 'min')).toEqual(['model min & co']);
    expect(await slack.ann.suggestions('lora', 'in')).toEqual(['lora in & co']);
    await slack.ann.submit({
      prompt: 'a fox',
      seed: '7',
      guidance: '4.5',
      model: 'mini',
      refine: 'on',
      private: 'on',
      lora: ['ink', 'grain:0.5'],
      init: [picked.id],
    });
    const request = await slack.asked();
    expect(request).toMatchObject({
      command: 'imagine',
      options: {
        prompt: 'a fox',
        seed: '7',
        guidance: '4.5',
        model: 'mini',
        refine: 'on',
        private: 'on',
        lora: 'ink, grain:0.5',
      },
      origin: { channel: slack.general.id },
    });
    const start = request.options.init;
    expect(start).toMatchObject({ name: 'start.jpg' });
    await expect((start as { fetch(): Promise<Uint8Array> }).fetch()).resolves.toEqual(Buffer.from([4, 5]));
    expect(slack.ann.view).toBeUndefined();
  });

  describe.each(['expired_trigger_id', 'exchanged_trigger_id', 'invalid_trigger_id'])('%s', (error) => {
    const late = () => slack.fake.faults.add('views.open', { kind: 'error', error });
    const told = () =>
      slack.fake.until(
        () => slack.fake.posts(slack.general).find((post) => slack.fake.text(post).includes('drei Sekunden')),
        'words',
      );

    it('of a command without its text: words, and a button that opens its form', async () => {
      late();
      await slack.ann.slash(slack.general, '/imagine');
      await slack.ann.press(await told(), 'Formular öffnen');
      await slack.fake.until(() => slack.ann.view, 'the form');
      await slack.ann.submit({ prompt: 'a fox' });
      expect(await slack.asked()).toMatchObject({ command: 'imagine', options: { prompt: 'a fox' } });
    });

    it('of a form about one picture: words, and a button that names the same picture', async () => {
      slack.host.answer = async () => ({ kind: 'form', command: 'imagine', title: 'Edit', hidden: {}, fields: [] });
      late();
      await slack.ann.slash(slack.general, '/edit', 'g865feh2zc');
      await slack.ann.press(await told(), 'Formular öffnen');
      expect(await slack.asked(2)).toMatchObject({ command: 'edit', options: { target: 'g865feh2zc' } });
    });
  });

  it('a form that is too large for Slack: words that say what to do instead', async () => {
    slack.fake.faults.add('views.open', { kind: 'error', error: 'view_too_large' });
    await slack.ann.slash(slack.general, '/imagine');
    await slack.fake.until(
      () => slack.fake.posts(slack.general).find((post) => slack.fake.text(post).includes('zu lang für ein Formular')),
      'words',
    );
  });

  it('a form that was reached by a reaction is offered as a button', async () => {
    const shown = await slack.picture();
    slack.host.answer = async () => ({
      kind: 'form',
      command: 'imagine',
      title: 'Edit',
      hidden: { parent: 'x' },
      fields: [
        { name: 'prompt', label: 'Prompt', value: 'p'.repeat(3500), multiline: true, required: true, maxLength: 4000 },
      ],
    });
    await slack.ann.react(shown, 'pencil2');
    const offer = await slack.fake.until(
      () => slack.fake.posts(slack.general).find((post) => post.ephemeralTo === slack.ann.id),
      'the offer',
    );
    await slack.ann.press(offer, 'Formular öffnen');
    await slack.fake.until(() => slack.ann.view, 'the form');
    expect((await slack.asked(2)).message).toEqual({ channel: slack.general.id, id: shown.ts });
    await slack.ann.submit({});
    expect((await slack.asked(3)).options).toEqual({ parent: 'x', prompt: 'p'.repeat(3500) });
  });

  it('a form may take a mask as a file', async () => {
    const shown = await slack.picture();
    const mask = {
      name: 'init',
      label: 'Which part',
      hint: 'As a picture',
      picture: await slack.host.addPicture(0, 'a cat'),
    };
    slack.host.answer = async () => ({ kind: 'form', command: 'imagine', title: 'Anew', hidden: {}, fields: [], mask });
    await slack.ann.press(shown, 'Refine');
    await slack.fake.until(() => slack.ann.view, 'the form');
    const painted = slack.ann.file('mask.png', Uint8Array.of(7, 8));
    slack.host.answer = async () => accepted('Drawing', 0);
    await slack.ann.submit({ 'Which part': [painted.id] });
    const { init: given } = (await slack.asked(2)).options as { init: { fetch(): Promise<Uint8Array> } };
    expect(await given.fetch()).toEqual(Buffer.from([7, 8]));
  });

  it('says so when a form comes too late for Slack', async () => {
    const shown = await slack.picture();
    slack.host.answer = async () => {
      slack.fake.clock.advance(4000);
      return { kind: 'form', command: 'imagine', title: 'Edit', hidden: {}, fields: [] };
    };
    await slack.ann.press(shown, 'Refine');
    await slack.fake.until(() => slack.reads().includes('drei Sekunden'), 'the explanation');
  });
});
