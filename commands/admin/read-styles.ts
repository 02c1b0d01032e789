import { z } from 'zod';
import { en } from '../locale/en.ts';
import type { Messages } from '../locale/index.ts';
import { MAX_STYLES, type Style, styleSchema } from '../settings.ts';
import { isModestJson } from './modest-json.ts';

type FileTexts = Messages['admin']['file'];

/** One entry as other programs write it; Easel's own says `negative`. */
const entrySchema = z.object({
  name: z.string(),
  prompt: z.string().nullish(),
  negative_prompt: z.string().nullish(),
  negative: z.string().nullish(),
});
type Entry = z.infer<typeof entrySchema>;

/**
 * The styles of a file: CSV with a line `name,prompt,negative_prompt`, as the AUTOMATIC1111 web UI keeps, or JSON, a list of
 * objects with these keys, as Fooocus does. Names become lower case with hyphens; an entry without prompts is passed over.
 * Throws a `SyntaxError` of a few of `texts`' words where it is neither, or where an entry cannot be used.
 */
export function readStyles(text: string, texts: FileTexts = en.admin.file): readonly Style[] {
  const content = text.replace(/^\uFEFF/, '');
  const entries = /^\s*[[{]/.test(content) ? readJson(content, texts) : readCsv(content, texts);
  const styles = new Map(entries.flatMap((entry) => toStyle(entry, texts)).map((style) => [style.name, style]));
  return [...styles.values()];
}

function toStyle(entry: Entry, texts: FileTexts): readonly Style[] {
  const prompt = entry.prompt?.trim() ?? '';
  const negative = (entry.negative_prompt ?? entry.negative ?? '').trim();
  if (prompt === '' && negative === '') return [];
  const style = { name: nameOf(entry.name), prompt: prompt || '{prompt}', ...(negative !== '' && { negative }) };
  const parsed = styleSchema.safeParse(style, { error: texts.faults });
  if (parsed.success) return [parsed.data];
  const [issue] = parsed.error.issues;
  throw new SyntaxError(`"${entry.name.slice(0, 40)}": ${issue?.path.join('.')}: ${issue?.message ?? ''}`);
}

/** More than anybody has: of a longer list nothing is read. */
const MAX_ENTRIES = 4 * MAX_STYLES;
const MAX_COLUMNS = 32;
/** Of a name so much is read: a long one of marks alone takes minutes to compose. */
const MAX_NAME = 200;

/** `Film Noir (v2)` is `film-noir-v2`. */
function nameOf(name: string): string {
  return name
    .slice(0, MAX_NAME)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 32)
    .replace(/-+$/, '');
}

function readJson(text: string, texts: FileTexts): readonly Entry[] {
  if (!isModestJson(text, { depth: 8, items: MAX_ENTRIES * 16 })) throw new SyntaxError(texts.tooMuch);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SyntaxError(texts.notJson);
  }
  const list = z.union([z.array(entrySchema), z.object({ styles: z.array(entrySchema) })]).safeParse(value);
  if (!list.success) throw new SyntaxError(texts.noList);
  return Array.isArray(list.data) ? list.data : list.data.styles;
}

function readCsv(text: string, texts: FileTexts): readonly Entry[] {
  const [header = [], ...rows] = csvRows(text, texts);
  const columns = header.map((title) => title.trim().toLowerCase());
  if (!columns.includes('name') || !columns.includes('prompt')) {
    throw new SyntaxError(texts.firstLine);
  }
  return rows
    .filter((row) => row.some((cell) => cell.trim() !== ''))
    .map((row) =>
      entrySchema.parse({ name: '', ...Object.fromEntries(columns.map((name, index) => [name, row[index] ?? ''])) }),
    );
}

/** RFC 4180: cells parted by commas, or quoted, with quotes doubled and line breaks inside. */
function csvRows(text: string, texts: FileTexts): readonly string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    if (rows.length > MAX_ENTRIES || (rows.at(-1)?.length ?? 0) >= MAX_COLUMNS) throw new SyntaxError(texts.tooMuch);
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '') break;
    if (end !== ',') rows.push([]);
  }
  return rows;
}
