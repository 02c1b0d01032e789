/**
 * Errors that mean nothing was done: the server cannot be reached, is starting, is full, has become read-only by a failover
 * (25006), or cancelled the statement (57014).
 */
const UNREACHED_CODES: ReadonlySet<unknown> = new Set([
  ...['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['08001', '08004', '25006', '53300', '57014', '57P03'],
  'S3_AWAY',
]);
/** Of a connection that broke: what the server heard last, it may have done. */
const LOST_CODES: ReadonlySet<unknown> = new Set([
  ...['ECONNRESET', 'EPIPE', 'ETIMEDOUT'],
  ...['08000', '08003', '08006', '57P01', '57P02'],
]);
/** node-postgres gives these no code. */
const UNREACHED_WORDS = /^(timeout exceeded when trying to connect|Connection terminated due to connection timeout)/;
const LOST_WORDS = /^(Connection terminated|Client has encountered a connection)/;

/**
 * Whether something failed, itself or by its cause, only because a server is away for the moment: `unreached`, so that
 * nothing was written (or only a blob, whose repetition is none); or `lost` on the way, where a commit may have been done
 * and only its answer is missing. Null: neither.
 */
export function whyAway(error: unknown): 'unreached' | 'lost' | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? error.code : undefined;
  if (UNREACHED_CODES.has(code) || UNREACHED_WORDS.test(error.message)) return 'unreached';
  if (LOST_CODES.has(code) || LOST_WORDS.test(error.message)) return 'lost';
  const ofOne = error instanceof AggregateError ? error.errors.map(whyAway) : [];
  return ofOne.find((each) => each !== null) ?? whyAway(error.cause);
}
