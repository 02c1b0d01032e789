import { describe, expect, it } from 'vitest';
import { createManifest } from '../../../bot/slack/manifest.ts';
import { commands } from '../../../commands/index.ts';
import { BOT_SCOPES } from '../../fakes/slack/index.ts';

describe('the app manifest', () => {
  const manifest = createManifest(commands, null);

  it('has a slash command for each first word, and one that has all beneath it', () => {
    const names = manifest.features.slash_commands.map(({ command }) => command);
    expect(names).toContain('/imagine');
    expect(names).toContain('/easel');
    expect(names).not.toContain('/help');
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^\/[a-z][a-z-]{0,31}$/);
    expect(names.length).toBeLessThanOrEqual(50);
  });

  it('keeps Slack’s limits', () => {
    expect(manifest.features.shortcuts.length).toBeLessThanOrEqual(10);
    for (const { name, description } of manifest.features.shortcuts) {
      expect(name.length).toBeLessThanOrEqual(24);
      expect(description.length).toBeLessThanOrEqual(150);
    }
    for (const command of manifest.features.slash_commands) {
      expect(command.description.length).toBeLessThanOrEqual(2000);
      expect(command.should_escape).toBe(true);
    }
  });

  it('asks for what the adapter uses, and for nothing else', () => {
    expect([...manifest.oauth_config.scopes.bot].sort()).toEqual([...BOT_SCOPES].sort());
    expect(manifest.settings.socket_mode_enabled).toBe(true);
    expect(JSON.stringify(manifest)).not.toContain('url');
  });

  it('points everything at the public address over HTTP', () => {
    const { settings, features } = createManifest(commands, 'https://easel.example.org');
    const url = 'https://easel.example.org/slack/events';
    expect(settings).toMatchObject({
      socket_mode_enabled: false,
      event_subscriptions: { request_url: url },
      interactivity: { request_url: url, message_menu_options_url: url },
    });
    expect(features.slash_commands.every((command) => 'url' in command && command.url === url)).toBe(true);
  });
});
