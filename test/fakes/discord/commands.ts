import { ApiError, unknownCommand } from './api-error.ts';
import { type CommandBody, commandBody } from './command-limits.ts';
import { accept } from './limits.ts';
import type { Json, World } from './state.ts';

const CREATIONS_A_DAY = 200;

export type RegisteredCommand = CommandBody & { readonly id: string };

/** The application's commands: everywhere (guild null) and in single guilds. */
export class CommandRegistry {
  /** How often anything was written. */
  writes = 0;
  /** How many commands were new. */
  created = 0;
  private readonly scopes = new Map<string | null, Map<string, RegisteredCommand>>();
  private readonly creations = new Map<string | null, number[]>();
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** Discord fills in what a registration leaves out, and tells other languages only to those who ask for them. */
  list(guild: string | null, withLocalizations = false): Json[] {
    const all = [...this.scope(guild).values()].map((command) => ({
      application_id: this.world.application,
      version: '1',
      type: 1,
      description: '',
      default_member_permissions: null,
      nsfw: false,
      dm_permission: true,
      contexts: null,
      integration_types: [0],
      name_localizations: null,
      description_localizations: null,
      ...command,
    }));
    return withLocalizations ? all : all.map((command) => JSON.parse(JSON.stringify(command, withoutLocalizations)));
  }

  /** The command of this type that a person in the guild would reach by this name. */
  find(guild: string | null, type: number, name: string): RegisteredCommand | undefined {
    return [...(guild === null ? [] : this.scope(guild).values()), ...this.scope(null).values()].find(
      (command) => command.name === name && (command.type ?? 1) === type,
    );
  }

  /** Creates the command, or replaces the one of the same type and name. */
  save(guild: string | null, raw: unknown): Json {
    const body = accept(commandBody, raw);
    this.writes += 1;
    return this.put(guild, body);
  }

  replace(guild: string | null, raw: readonly unknown[]): Json[] {
    const bodies = raw.map((each) => accept(commandBody, each));
    this.writes += 1;
    const kept = new Map([...this.scope(guild)].filter(([, old]) => bodies.some((body) => same(body, old))));
    this.scopes.set(guild, kept);
    return bodies.map((body) => this.put(guild, body));
  }

  edit(guild: string | null, id: string, raw: unknown): Json {
    const old = this.scope(guild).get(id);
    if (old === undefined) throw unknownCommand();
    this.writes += 1;
    const next = { ...accept(commandBody, { ...old, ...(raw as Json) }), id };
    this.scope(guild).set(id, next);
    return next;
  }

  remove(guild: string | null, id: string): void {
    this.writes += 1;
    if (!this.scope(guild).delete(id)) throw unknownCommand();
  }

  private put(guild: string | null, body: CommandBody): Json {
    const scope = this.scope(guild);
    const old = [...scope.values()].find((command) => same(body, command));
    if (old === undefined) this.countCreation(guild);
    const command = { ...body, id: old?.id ?? this.world.ids.next() };
    scope.set(command.id, command);
    return command;
  }

  private countCreation(guild: string | null): void {
    const day = 24 * 60 * 60_000;
    const recent = (this.creations.get(guild) ?? []).filter((at) => this.world.now() - at < day);
    if (recent.length >= CREATIONS_A_DAY) {
      throw new ApiError(400, 30034, 'Max number of daily application command creates has been reached (200)');
    }
    this.creations.set(guild, [...recent, this.world.now()]);
    this.created += 1;
  }

  private scope(guild: string | null): Map<string, RegisteredCommand> {
    const known = this.scopes.get(guild);
    if (known !== undefined) return known;
    const made = new Map<string, RegisteredCommand>();
    this.scopes.set(guild, made);
    return made;
  }
}

function same(a: CommandBody, b: CommandBody): boolean {
  return a.name === b.name && (a.type ?? 1) === (b.type ?? 1);
}

function withoutLocalizations(key: string, value: unknown): unknown {
  return key.endsWith('_localizations') ? undefined : value;
}
