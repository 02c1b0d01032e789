import { createHmac } from 'node:crypto';

export interface SignedRequest {
  readonly body: string;
  readonly headers: Record<string, string>;
}

/** Signs a body as Slack does: v0=HMAC-SHA256(secret, "v0:timestamp:body"). */
export function sign(body: string, contentType: string, secret: string, timestamp: number): SignedRequest {
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    body,
    headers: {
      'content-type': contentType,
      'x-slack-request-timestamp': String(timestamp),
      'x-slack-signature': `v0=${signature}`,
    },
  };
}

/** Posts it; null where there is no answer within three seconds. */
export async function post(url: string, request: SignedRequest): Promise<{ status: number; text: string } | null> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: request.body,
      headers: request.headers,
      signal: AbortSignal.timeout(3000),
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return null;
  }
}
