import { stat } from 'node:fs/promises';
import type { Engine, ExtraKind, ModelSource } from '../../commands/engine.ts';
import { sameWeights } from '../../commands/extras.ts';
import type { ModelReference } from '../../commands/parameters/model.ts';
import type { Extra } from '../../commands/services.ts';
import { isOfTheFile } from './file-fault.ts';
import { listNames } from './list-names.ts';
import { MissingFileError } from './missing-file-error.ts';

export const EXTRA_ENDING = '.safetensors';
const KINDS = ['lora', 'embedding'] as const satisfies readonly ExtraKind[];
const NOUNS: Readonly<Record<ExtraKind, string>> = { lora: 'LoRA', embedding: 'embedding' };

export interface ShelfParts {
  /** Where the files of each kind lie; a folder that is not there is empty. */
  readonly folders: Readonly<Record<ExtraKind, string>>;
  /** The models that they may go with now, by name. */
  readonly models: () => ReadonlyMap<string, ModelSource>;
  readonly engine: Pick<Engine, 'describeExtra'>;
  /** Told once of each file that cannot be used, and why. */
  readonly warn: (problem: string) => void;
}

interface Entry {
  readonly kind: ExtraKind;
  readonly name: string;
  readonly path: string;
  /** The file's size and time of change, and the models that it was held against: what differs is described anew. */
  readonly state: string;
  /** null: it cannot be used. */
  readonly extra: Extra | null;
}

/** The LoRAs and embeddings in an operator's folders: each described once, and again when its file has changed. */
export class ExtraShelf {
  private readonly parts: ShelfParts;
  private entries: readonly Entry[] = [];
  private isClosed = false;

  constructor(parts: ShelfParts) {
    this.parts = parts;
  }

  /** Looks into the folders; `isWanted` may spare the rest. Returns whether anything has changed. */
  async refresh(isWanted: (name: string) => boolean = () => true): Promise<boolean> {
    const before = new Map(this.entries.map((entry) => [entry.path, entry]));
    const entries: Entry[] = [];
    for (const kind of KINDS) {
      for (const { name, path } of await listNames(this.parts.folders[kind], EXTRA_ENDING)) {
        if (this.isClosed) return false;
        const state = await this.stateOf(path);
        if (state === null || !isWanted(name)) continue;
        const known = before.get(path);
        const isSame = known?.state === state && known.kind === kind;
        entries.push(isSame ? known : await this.describe(kind, name, path, state));
      }
    }
    const hasChanged = entries.length !== before.size || entries.some((entry) => before.get(entry.path) !== entry);
    this.entries = entries;
    return hasChanged;
  }

  /** Ends a look into the folders that is under way, and looks no more. */
  close(): void {
    this.isClosed = true;
  }

  offers(): readonly (Extra & { readonly kind: ExtraKind })[] {
    return this.entries.flatMap(({ kind, extra }) => (extra === null ? [] : [{ ...extra, kind }]));
  }

  /** The file of a recipe's LoRA or embedding, known by its hash. Rejects with a MissingFileError. */
  async find(kind: ExtraKind, reference: ModelReference): Promise<string> {
    const found = await this.lookUp(kind, reference);
    // It may have come, or been written over, since the folders were looked into.
    if (found === null && (await this.refresh())) {
      const again = await this.lookUp(kind, reference);
      if (again !== null) return again;
    }
    if (found !== null) return found;
    throw new MissingFileError(NOUNS[kind], reference.name);
  }

  private async lookUp(kind: ExtraKind, { hash }: ModelReference): Promise<string | null> {
    const entry = this.entries.find(
      (candidate) => candidate.kind === kind && candidate.extra !== null && sameWeights(candidate.extra.hash, hash),
    );
    return entry !== undefined && (await this.stateOf(entry.path)) === entry.state ? entry.path : null;
  }

  private async describe(kind: ExtraKind, name: string, path: string, state: string): Promise<Entry> {
    const { engine, warn } = this.parts;
    const models = this.parts.models();
    try {
      const { hash, misfits, unread } = await engine.describeExtra(kind, path, [...models.values()]);
      const fitting = [...models.keys()].filter((_, index) => misfits[index] === null);
      if (fitting.length === 0)
        warn(`The ${NOUNS[kind]} ${name} goes with no model here: ${misfits[0] ?? 'there are none'}.`);
      return {
        kind,
        name,
        path,
        state,
        extra: { name, hash, models: fitting, ...(unread !== undefined && { unread }) },
      };
    } catch (error) {
      if (!isOfTheFile(error)) throw error;
      warn(`The ${NOUNS[kind]} ${name} cannot be used: ${error.message}`);
      return { kind, name, path, state, extra: null };
    }
  }

  private async stateOf(path: string): Promise<string | null> {
    const status = await stat(path).catch(() => null);
    return status === null ? null : JSON.stringify([status.size, status.mtimeMs, ...this.parts.models()]);
  }
}
