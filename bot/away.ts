/** What sockets say of a server that cannot be reached, and Postgres of one that is ending, beginning or full. */
const AWAY_CODES: ReadonlySet<unknown> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['08000', '08001', '08003', '08004', '08006', '53300', '57P01', '57P02', '57P03'],
]);
/** node-postgres gives these no code. */
const AWAY_WORDS =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection)/;

/** Whether something failed, itself or by its cause, only because a server is away for the moment. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const isOwn = ('code' in error && AWAY_CODES.has(error.code)) || AWAY_WORDS.test(error.message);
  const isOfOne = error instanceof AggregateError && error.errors.some(isAway);
  return isOwn || isOfOne || isAway(error.cause);
}
