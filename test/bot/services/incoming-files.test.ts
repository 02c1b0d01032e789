import { describe, expect, it } from 'vitest';
import { inCommandSlot } from '../../../bot/command-slots.ts';
import { IncomingFiles } from '../../../bot/services/incoming-files.ts';
import { type Attachment, originSchema } from '../../../commands/request.ts';

const from = (user: string) =>
  originSchema.parse({ platform: 'web', guild: 'web', channel: 'web', user, event: `event of ${user}` });

/** A file that is fetched only once it is let go. */
function held(bytes = 3) {
  let letGo = (): void => {};
  const isFree = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let isAsked = false;
  const file: Attachment = {
    name: 'photo.png',
    contentType: null,
    byteLength: bytes,
    fetch: async () => {
      isAsked = true;
      await isFree;
      return new Uint8Array(bytes);
    },
  };
  return { file, letGo: () => letGo(), isAsked: () => isAsked };
}

describe('files that people send', () => {
  it('do not keep commands of others waiting, however many there are', async () => {
    const incoming = new IncomingFiles();
    const files = Array.from({ length: 12 }, () => held());
    const sending = files.map(({ file }, i) =>
      inCommandSlot(() => incoming.take(from(`p${i % 3}`), async (fetch) => (await fetch(file)).length)),
    );
    await expect.poll(() => files.filter(({ isAsked }) => isAsked()).length).toBe(2);
    expect(await inCommandSlot(async () => 'answered')).toBe('answered');
    for (const { letGo } of files) letGo();
    expect(await Promise.all(sending)).toEqual(files.map(() => 3));
  });

  it('come one after the other from one person', async () => {
    const incoming = new IncomingFiles();
    const [first, second, other] = [held(), held(), held()];
    const sending = [
      incoming.take(from('ann'), (fetch) => fetch(first.file).then(() => 1)),
      incoming.take(from('ann'), (fetch) => fetch(second.file).then(() => 2)),
      incoming.take(from('bob'), (fetch) => fetch(other.file).then(() => 3)),
    ];
    await expect.poll(() => first.isAsked() && other.isAsked()).toBe(true);
    expect(second.isAsked()).toBe(false);
    for (const { letGo } of [first, second, other]) letGo();
    expect(await Promise.all(sending)).toEqual([1, 2, 3]);
  });

  it('may have so many bytes a person and hour', async () => {
    let now = 0;
    const incoming = new IncomingFiles(() => now);
    const big: Attachment = {
      name: 'photo.png',
      contentType: null,
      byteLength: 250_000_000,
      fetch: async () => new Uint8Array(250_000_000),
    };
    const send = (user: string) => incoming.take(from(user), (fetch) => fetch(big).then(() => 'taken'));
    expect(await send('ann')).toBe('taken');
    await expect(send('ann')).rejects.toThrow('400 MB of files within the hour; please wait 60 min');
    expect(await send('bob')).toBe('taken');
    now += 60 * 60_000;
    expect(await send('ann')).toBe('taken');
  });
});
