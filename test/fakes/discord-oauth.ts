import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CANARY } from '../canary.ts';

/** Discord's OAuth2 endpoints: a person's consent, a code that works once with its PKCE verifier, and who it was. */
export interface FakeDiscordOAuth {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly address: string;
  /** Who is signed in at Discord, and in which guilds. */
  person: { readonly id: string; readonly guilds: readonly string[] };
  close(): Promise<void>;
}

interface Grant {
  readonly challenge: string;
  readonly redirectUri: string;
  readonly scope: string;
}

export async function startFakeDiscordOAuth(): Promise<FakeDiscordOAuth> {
  const credentials = { clientId: '100000000000000001', clientSecret: `${CANARY}-client-secret` };
  const codes = new Map<string, Grant>();
  const tokens = new Map<string, string>();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake');
    const scope = tokens.get(request.headers.authorization?.replace('Bearer ', '') ?? '');
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /oauth2/authorize':
        return authorize(url.searchParams, response);
      case 'POST /oauth2/token':
        return exchange(new URLSearchParams(await bodyOf(request)), response);
      case 'GET /users/@me':
        return json(response, scope === undefined ? 401 : 200, { id: fake.person.id });
      case 'GET /users/@me/guilds':
        return json(
          response,
          scope?.includes('guilds') ? 200 : 401,
          fake.person.guilds.map((id) => ({ id })),
        );
      default:
        return json(response, 404, {});
    }
  });

  function authorize(query: URLSearchParams, response: ServerResponse): ServerResponse {
    const [state, redirectUri, challenge] = ['state', 'redirect_uri', 'code_challenge'].map((name) => query.get(name));
    const isRight = query.get('client_id') === credentials.clientId && query.get('response_type') === 'code';
    if (!isRight || !state || !redirectUri || !challenge || query.get('code_challenge_method') !== 'S256') {
      return json(response, 400, { error: 'invalid_request' });
    }
    const code = randomUUID();
    codes.set(code, { challenge, redirectUri, scope: query.get('scope') ?? '' });
    return response.writeHead(302, { location: `${redirectUri}?${new URLSearchParams({ code, state })}` }).end();
  }

  function exchange(body: URLSearchParams, response: ServerResponse): ServerResponse {
    const grant = codes.get(body.get('code') ?? '');
    codes.delete(body.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url');
    const isKnown =
      body.get('client_id') === credentials.clientId && body.get('client_secret') === credentials.clientSecret;
    if (!isKnown) return json(response, 401, { error: 'invalid_client' });
    if (grant?.challenge !== challenge || grant.redirectUri !== body.get('redirect_uri')) {
      return json(response, 400, { error: 'invalid_grant' });
    }
    const token = `${CANARY}-${randomUUID()}`;
    tokens.set(token, grant.scope);
    return json(response, 200, { access_token: token, token_type: 'Bearer', scope: grant.scope });
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: FakeDiscordOAuth = {
    ...credentials,
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    person: { id: '1', guilds: [] },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}

function json(response: ServerResponse, status: number, body: unknown): ServerResponse {
  return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}
