import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Where the compiled programs lie, as a URL. */
export const OUT = new URL('../dist/', import.meta.url);
const OUT_FOLDER = fileURLToPath(OUT);
/** Says of which sources the compiled code is. Written last: what was cut off is compiled again. */
const STAMP = join(OUT_FOLDER, 'sources.sha256');
const FOLDERS = ['bot', 'commands', 'config', 'inference'];
const PROGRAMS = { easel: 'bot/cli/main.ts', engine: 'inference/engine/main.ts' };
/** Running programs still load lazily from an older compile: what it left is removed after this long. */
const KEEP_MILLISECONDS = 86_400_000;

/**
 * Compiles the sources into `dist/` unless what lies there is of these very sources, by their content: code of before an
 * edit or a `git pull` is never run. `npm ci` does it ahead, so that nothing has to be written later.
 */
export async function compile() {
  const digest = digestOfSources();
  if (digest === (await readFile(STAMP, 'utf8').catch(() => ''))) return;
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: PROGRAMS,
    outdir: OUT_FOLDER,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // Stack traces name the sources' lines.
    sourcemap: true,
    sourcesContent: false,
    tsconfigRaw: {},
    logLevel: 'silent',
    write: false,
    plugins: [sourcePlaces],
  });
  await mkdir(OUT_FOLDER, { recursive: true });
  for (const { path, contents } of outputFiles) await replaceFile(path, contents);
  await replaceFile(STAMP, digest);
  await removeOld(new Set([STAMP, ...outputFiles.map(({ path }) => path)]));
}

/** Files beside the sources (pages, migrations, models) are found from compiled code as from the sources. */
const sourcePlaces = {
  name: 'source places',
  /** @param {import('esbuild').PluginBuild} build */
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const place = relative(OUT_FOLDER, path).split(sep).join('/');
      const url = `new URL(${JSON.stringify(place)}, import.meta.url).href`;
      return { loader: 'ts', contents: source.replace(/\bimport\.meta\.url\b/g, url) };
    });
  },
};

function digestOfSources() {
  const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)));
  for (const folder of FOLDERS) {
    for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      if (name.endsWith('.ts')) hash.update(`\0${folder}/${name}\0`).update(readFileSync(join(ROOT, folder, name)));
    }
  }
  return hash.digest('hex');
}

/**
 * Several processes may compile at once.
 * @param {string} path @param {string | Uint8Array} content
 */
async function replaceFile(path, content) {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}

/** @param {ReadonlySet<string>} current */
async function removeOld(current) {
  for (const name of await readdir(OUT_FOLDER)) {
    const path = join(OUT_FOLDER, name);
    if (current.has(path)) continue;
    const { mtimeMs } = await stat(path);
    if (mtimeMs < Date.now() - KEEP_MILLISECONDS) await rm(path, { force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await compile();
