import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  type App,
  HTTPResponseAck,
  HTTPModuleFunctions as http,
  isRawBodyError,
  type Receiver,
  type ReceiverEvent,
} from '@slack/bolt';
import type { Logger } from 'pino';
import { BETWEEN_ERRORS_MS, rarely } from '../../rarely.ts';
import { SlackSetupError } from '../identity.ts';
import { boltLogger } from './bolt-logger.ts';
import type { RecentlySeen } from './recently-seen.ts';
import { replayGuard, verifySignature } from './signature.ts';

export const EVENTS_PATH = '/slack/events';

/** Slack's largest payload (a form's state, a message with its blocks) is far below this. */
const BODY_LIMIT = 1024 * 1024;

interface HttpReceiverOptions {
  readonly signingSecret: string;
  readonly host: string;
  readonly port: number;
  readonly log: Logger;
  readonly now: () => number;
}

/**
 * Takes events, commands and presses over signed HTTP. Bolt's own receiver accepts a timestamp of the future and a request
 * that comes twice; this one checks both, and is otherwise made of Bolt's parts.
 */
export class HttpReceiver implements Receiver {
  private app: App | undefined;
  private server: Server | undefined;
  private readonly options: HttpReceiverOptions;
  private readonly replays: RecentlySeen;
  /** Anybody can send such requests, as many as they like. */
  private readonly tellRefusal: (refusal: Error) => void;

  constructor(options: HttpReceiverOptions) {
    this.options = options;
    this.replays = replayGuard(options.now);
    this.tellRefusal = rarely(BETWEEN_ERRORS_MS, ({ message }, untold) => options.log.warn({ untold }, message));
  }

  init(app: App): void {
    this.app = app;
  }

  /** Resolves with the port that it listens on; rejects with a `SlackSetupError` where it is taken. */
  async start(): Promise<number> {
    const server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        this.options.log.error({ error }, 'A request from Slack could not be answered');
        if (!response.headersSent) http.buildNoBodyResponse(response, 500);
      });
    });
    this.server = server;
    const { host, port } = this.options;
    server.listen(port, host);
    await once(server, 'listening').catch((error: Error) => {
      throw new SlackSetupError(
        `Cannot listen for Slack on ${host}:${port} (${error.message}): set SLACK_PORT to a free port.`,
      );
    });
    const address = server.address();
    return address !== null && typeof address === 'object' ? address.port : this.options.port;
  }

  async stop(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = undefined;
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path !== EVENTS_PATH || request.method !== 'POST') return refuse(response, 404);
    let buffered: Awaited<ReturnType<typeof http.bufferIncomingMessage>>;
    try {
      buffered = await http.bufferIncomingMessage(request, BODY_LIMIT);
    } catch (error) {
      return refuse(response, isRawBodyError(error) ? error.statusCode : 400);
    }
    if (isSslCheck(request, buffered.rawBody)) return http.buildSSLCheckResponse(response);
    const refusal = this.refusal(request, buffered.rawBody);
    if (refusal !== null) {
      this.tellRefusal(new Error(`Refused a request that claims to be Slack's: ${refusal}`));
      return refuse(response, 401);
    }
    await this.process(buffered, response);
  }

  private refusal(request: IncomingMessage, body: Buffer): string | null {
    const timestamp = String(request.headers['x-slack-request-timestamp'] ?? '');
    const signature = String(request.headers['x-slack-signature'] ?? '');
    const verdict = verifySignature({ timestamp, signature, body }, this.options.signingSecret, this.options.now());
    if (verdict === 'forged') return 'its signature is not made with SLACK_SIGNING_SECRET';
    if (verdict === 'stale') return 'its timestamp is more than five minutes from this machine’s clock';
    return this.replays.isNew(signature) ? null : 'it has come before';
  }

  private async process(
    request: Awaited<ReturnType<typeof http.bufferIncomingMessage>>,
    response: ServerResponse,
  ): Promise<void> {
    let body: ReceiverEvent['body'];
    try {
      body = http.parseHTTPRequestBody(request);
    } catch {
      return http.buildNoBodyResponse(response, 400);
    }
    if (body.type === 'url_verification') return http.buildUrlVerificationResponse(response, body);
    const logger = boltLogger(this.options.log);
    const ack = new HTTPResponseAck({
      logger,
      processBeforeResponse: false,
      httpRequest: request,
      httpRequestBody: body,
      httpResponse: response,
    });
    const retryNum = http.extractRetryNumFromHTTPRequest(request);
    const retryReason = http.extractRetryReasonFromHTTPRequest(request);
    await this.app?.processEvent({
      body,
      ack: ack.bind(),
      ...(retryNum === undefined ? {} : { retryNum }),
      ...(retryReason === undefined ? {} : { retryReason }),
      customProperties: { receivedAt: performance.now() },
    });
  }
}

/** Slack tries a command's address now and then, wants no more than a 200, and does not sign that. */
function isSslCheck({ headers }: IncomingMessage, body: Buffer): boolean {
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') !== true) return false;
  return new URLSearchParams(body.toString()).get('ssl_check') === '1';
}

/** The connection goes with the answer: what is left of a body that nobody reads would be taken for the next request. */
function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: 'close' }).end();
}
