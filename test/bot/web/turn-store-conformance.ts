import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { failureAnswer, type Turn, turnIdSchema } from '../../../bot/web/turn.ts';
import type { TurnStore } from '../../../bot/web/turn-store.ts';
import { type UserId, userIdSchema } from '../../../commands/ids.ts';

/** What the page's conversations need of a store. Every test has people of its own. */
export function turnStoreConformance(name: string, store: () => TurnStore): void {
  describe(`${name} keeps turns`, () => {
    let user: UserId;
    let other: UserId;

    beforeEach(() => {
      user = userIdSchema.parse(`web-${randomUUID()}`);
      other = userIdSchema.parse(`web-${randomUUID()}`);
    });

    it('creates a turn once and finds it, for its own person only', async () => {
      const turn = newTurn('a cat');
      expect(await store().create(user, turn)).toMatchObject({ id: turn.id, turn });
      expect(await store().create(user, { ...turn, at: 'later' })).toBe(false);
      expect(await store().find(user, turn.id)).toEqual(turn);
      expect(await store().find(other, turn.id)).toBeNull();
    });

    it('keeps hostile text as it is', async () => {
      const turn = newTurn(`'; drop table turns; -- \u202e 👨‍👩‍👧‍👦 \\ " \n ${'x'.repeat(10_000)}`);
      await store().create(user, turn);
      expect(await store().find(user, turn.id)).toEqual(turn);
    });

    it('gives every change a higher number, and tells what changed after one', async () => {
      const [a, b] = [newTurn('a'), newTurn('b')];
      const first = await created(a);
      const second = await created(b);
      expect(second).toBeGreaterThan(first);
      const answered = { ...a, answer: failureAnswer('no') };
      const third = (await store().replace(user, answered)).sequence;
      expect(third).toBeGreaterThan(second);
      const fourth = (await store().remove(user, b.id)).sequence;
      expect(fourth).toBeGreaterThan(third);
      expect(await store().changedSince(user, first, 10)).toEqual([
        { id: a.id, sequence: third, turn: answered },
        { id: b.id, sequence: fourth, turn: null },
      ]);
      expect(await store().changedSince(user, first, 1)).toHaveLength(1);
      expect(await store().changedSince(user, fourth, 10)).toEqual([]);
      expect(await store().changedSince(other, 0, 10)).toEqual([]);
      expect(await store().lastSequence(user)).toBe(fourth);
      expect(await store().lastSequence(other)).toBe(0);
    });

    it('does not bring a removed turn back', async () => {
      const turn = newTurn('gone');
      await created(turn);
      await store().remove(user, turn.id);
      expect(await store().find(user, turn.id)).toBeNull();
      expect(await store().create(user, turn)).toBe(false);
    });

    it('pages through the turns in the order in which they began', async () => {
      const turns = Array.from({ length: 5 }, (_, index) => newTurn(String(index)));
      for (const turn of turns) await created(turn);
      await store().replace(user, { ...turns[0]!, answer: failureAnswer('late') });
      await store().remove(user, turns[2]!.id);
      const texts = async (filter: Parameters<TurnStore['page']>[1]) =>
        (await store().page(user, filter)).map(({ turn }) => turn?.request.text);
      expect(await texts({ limit: 10 })).toEqual(['0', '1', '3', '4']);
      expect(await texts({ limit: 2 })).toEqual(['3', '4']);
      expect(await texts({ before: turns[3]!.id, limit: 10 })).toEqual(['0', '1']);
      expect(await texts({ before: turns[3]!.id, limit: 1 })).toEqual(['1']);
      expect(await texts({ before: turnIdSchema.parse(randomUUID()), limit: 10 })).toEqual([]);
    });

    it('knows who waits for an answer', async () => {
      const [waiting, answered, removed] = [newTurn('waits'), newTurn('answered'), newTurn('removed')];
      for (const turn of [waiting, answered, removed]) await created(turn);
      await store().replace(user, { ...answered, answer: failureAnswer('no') });
      await store().remove(user, removed.id);
      const mine = (await store().unanswered()).filter((each) => each.user === user);
      expect(mine).toEqual([{ user, turn: waiting }]);
    });

    it('counts on when many change at once', async () => {
      const turns = Array.from({ length: 20 }, (_, index) => newTurn(String(index)));
      const sequences = await Promise.all(turns.map(created));
      expect(new Set(sequences).size).toBe(20);
      expect(await store().lastSequence(user)).toBe(Math.max(...sequences));
    });

    async function created(turn: Turn): Promise<number> {
      const stored = await store().create(user, turn);
      if (stored === false) throw new Error('The turn is known already.');
      return stored.sequence;
    }
  });
}

function newTurn(text: string): Turn {
  const id = turnIdSchema.parse(randomUUID());
  return { id, at: '2026-01-01T00:00:00.000Z', request: { text, by: 'text', files: [] }, answer: null };
}
