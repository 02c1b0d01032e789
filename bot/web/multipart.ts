/** As browsers choose it, at least: a short one, or one of few signs, is long to look for in a large file. */
const MIN_BOUNDARY = 16;
const MAX_BOUNDARY = 70;
/** Names, a type and what a browser may add. */
const MAX_HEADER_BYTES = 4 * 1024;
const LINE_END = Buffer.from('\r\n');
const HEADER_END = Buffer.from('\r\n\r\n');

export interface FormPart {
  readonly name: string;
  /** Null for a field that is no file. */
  readonly fileName: string | null;
  readonly contentType: string | null;
  readonly body: Buffer;
}

/**
 * The parts of a form as browsers send it (`multipart/form-data`); null where it is none, or has more parts than that. Each
 * byte is looked at once or twice, whatever they are, and bodies are not copied.
 */
export function parseMultipart(form: Buffer, contentType: string, maxParts: number): readonly FormPart[] | null {
  const boundary = boundaryOf(contentType);
  if (boundary === null) return null;
  const first = Buffer.from(`--${boundary}`, 'latin1');
  if (!form.subarray(0, first.length).equals(first)) return null;
  const delimiter = Buffer.concat([LINE_END, first]);
  const parts: FormPart[] = [];
  for (let at = first.length; form.toString('latin1', at, at + 2) === '\r\n'; ) {
    const end = form.indexOf(delimiter, at);
    // The delimiter's own line end may be that of the line before it: a part has a head, which is longer.
    const part = end <= at ? null : readPart(form.subarray(at + LINE_END.length, end));
    if (part === null || parts.length === maxParts) return null;
    parts.push(part);
    at = end + delimiter.length;
    if (form.toString('latin1', at, at + 2) === '--') return parts;
  }
  return null;
}

function boundaryOf(contentType: string): string | null {
  const [, quoted, plain] = /^multipart\/form-data\s*;.*?boundary=(?:"([^"]*)"|([^\s;"]*))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain ?? '';
  return boundary.length >= MIN_BOUNDARY && boundary.length <= MAX_BOUNDARY ? boundary : null;
}

function readPart(part: Buffer): FormPart | null {
  const headerEnd = part.subarray(0, MAX_HEADER_BYTES).indexOf(HEADER_END);
  if (headerEnd === -1) return null;
  const headers = new Map(part.toString('utf8', 0, headerEnd).split('\r\n').map(headerOf));
  const disposition = headers.get('content-disposition') ?? '';
  const name = parameter(disposition, 'name');
  if (!/^form-data(;|$)/i.test(disposition) || name === null) return null;
  return {
    name,
    fileName: parameter(disposition, 'filename'),
    contentType: headers.get('content-type') ?? null,
    body: part.subarray(headerEnd + HEADER_END.length),
  };
}

function headerOf(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
}

/** Browsers write a quote and line ends in a name as `%22`, `%0D` and `%0A`, and leave all else as it is. */
function parameter(header: string, name: string): string | null {
  const value = new RegExp(`;\\s*${name}="([^"]*)"`, 'i').exec(header)?.[1];
  return value?.replace(/%22|%0D|%0A/gi, decodeURIComponent) ?? null;
}
