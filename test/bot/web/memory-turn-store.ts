import type { Turn, TurnId } from '../../../bot/web/turn.ts';
import type { StoredTurn, TurnStore } from '../../../bot/web/turn-store.ts';
import type { UserId } from '../../../commands/ids.ts';

/** Conversations in memory, as JSON like the store keeps them. `failing` makes every call reject. */
export class MemoryTurnStore implements TurnStore {
  failing = false;
  private sequence = 0;
  private readonly rows = new Map<string, { user: UserId; id: TurnId; sequence: number; json: string | null }>();

  async create(user: UserId, turn: Turn): Promise<StoredTurn | false> {
    return this.rows.has(`${user} ${turn.id}`) ? false : this.write(user, turn.id, turn);
  }

  async replace(user: UserId, turn: Turn): Promise<StoredTurn> {
    return this.write(user, turn.id, turn);
  }

  async remove(user: UserId, id: TurnId): Promise<StoredTurn> {
    return this.write(user, id, null);
  }

  async find(user: UserId, id: TurnId): Promise<Turn | null> {
    return this.read(user).find((row) => row.id === id)?.turn ?? null;
  }

  async page(
    user: UserId,
    filter: { readonly before?: TurnId; readonly limit: number },
  ): Promise<readonly StoredTurn[]> {
    const rows = this.read(user);
    const end =
      filter.before === undefined
        ? rows.length
        : Math.max(
            0,
            rows.findIndex((row) => row.id === filter.before),
          );
    return rows
      .slice(0, end)
      .filter(({ turn }) => turn !== null)
      .slice(-filter.limit);
  }

  async changedSince(user: UserId, sequence: number, limit: number): Promise<readonly StoredTurn[]> {
    return this.read(user)
      .filter((row) => row.sequence > sequence)
      .sort((a, b) => a.sequence - b.sequence)
      .slice(0, limit);
  }

  async lastSequence(user: UserId): Promise<number> {
    return Math.max(0, ...this.read(user).map((row) => row.sequence));
  }

  async unanswered(): Promise<readonly { readonly user: UserId; readonly turn: Turn }[]> {
    return [...this.rows.values()].flatMap(({ user, json }) => {
      const turn = json === null ? null : (JSON.parse(json) as Turn);
      return turn?.answer === null ? [{ user, turn }] : [];
    });
  }

  private write(user: UserId, id: TurnId, turn: Turn | null): StoredTurn {
    this.check();
    this.sequence += 1;
    const row = { user, id, sequence: this.sequence, json: turn && JSON.stringify(turn) };
    this.rows.set(`${user} ${id}`, row);
    return { id, sequence: row.sequence, turn };
  }

  private read(user: UserId): StoredTurn[] {
    this.check();
    return [...this.rows.values()]
      .filter((row) => row.user === user)
      .map(({ id, sequence, json }) => ({ id, sequence, turn: json === null ? null : (JSON.parse(json) as Turn) }));
  }

  private check(): void {
    if (this.failing) throw new Error('The store is out of order.');
  }
}
