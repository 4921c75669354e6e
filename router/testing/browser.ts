import { type IncomingHttpHeaders, request } from 'node:http';
import { parseSetCookie } from 'cookie';

export type Seen = { status: number; headers: IncomingHttpHeaders; body: string; json: () => Record<string, unknown> };

export type Browser = {
  /** Cookies by name, as they would be sent to any path below /session. */
  cookies: Map<string, string>;
  /** Asks as a page of the router's own host does; `headers` go over what it would send, and undefined takes one away. */
  ask: (
    method: string,
    path: string,
    options?: { body?: unknown; headers?: Record<string, string | undefined> },
  ) => Promise<Seen>;
  /** What it would send as the header `cookie`. */
  cookie: () => string;
};

/** As much of a browser as sessions take: it keeps cookies, and says which page asks. fetch lets nobody do the latter. */
export function openBrowser(url: string): Browser {
  const { port, host, origin } = new URL(url);
  const cookies = new Map<string, string>();
  const cookie = (): string => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const ask: Browser['ask'] = (method, path, { body, headers = {} } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<Seen>();
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    const all: Record<string, string | undefined> = {
      host,
      ...(method !== 'GET' && { origin }),
      'sec-fetch-site': 'same-origin',
      ...(method === 'POST' && { 'content-type': 'application/json' }),
      ...(cookies.size > 0 && { cookie: cookie() }),
      'content-length': String(Buffer.byteLength(text)),
      ...headers,
    };
    const given = Object.fromEntries(Object.entries(all).filter((entry) => entry[1] !== undefined));
    request({ host: '127.0.0.1', port, path, method, headers: given, agent: false }, (response) => {
      let read = '';
      response.on('data', (chunk) => {
        read += chunk;
      });
      response.on('end', () => {
        for (const line of response.headers['set-cookie'] ?? []) {
          const { name, value = '', maxAge } = parseSetCookie(line);
          if (maxAge === 0) cookies.delete(name);
          else cookies.set(name, value);
        }
        const json = () => JSON.parse(read) as Record<string, unknown>;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: read, json });
      });
    })
      .on('error', reject)
      .end(text);
    return promise;
  };
  return { cookies, cookie, ask };
}
