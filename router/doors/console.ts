import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, resolve as resolvePath, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '@wheelhouse/kit/config.ts';
import { type Handler, sendNothingServed } from '@wheelhouse/kit/http.ts';
import { contentType } from 'mime-types';
import send from 'send';
import { isBehindTls } from '../caller.ts';
import { isPageRequest } from './graphiql/page.ts';

/** Where Vite builds it. */
const DEFAULT_FOLDER = fileURLToPath(new URL('../../console/dist', import.meta.url));
const PAGE = '/index.html';
/** Vite puts a hash of what is in a file into its name here: what has been fetched once never changes. */
const HASHED = '/assets/';
const FOREVER = 'public, max-age=31536000, immutable';

/** Files that were compressed at the build lie beside what they are of; the better ones first. */
const ENCODINGS = [
  { name: 'br', extension: '.br' },
  { name: 'gzip', extension: '.gz' },
] as const;

/** A name or an address with a port, as it may stand in a policy. RFC 9110, 7.2, without what nobody calls a host. */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i;

/** The console runs its own scripts and talks to the router that it came from, and to nobody else. `'self'` stands for websockets as well in newer browsers only. */
function policyOf(request: IncomingMessage, proxyHops: number): string {
  const { host = '' } = request.headers;
  const schemes = isBehindTls(request, proxyHops) ? ['wss'] : ['ws', 'wss'];
  const sockets = HOST.test(host) ? schemes.map((scheme) => ` ${scheme}://${host}`).join('') : '';
  return [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self'${sockets}`,
    "font-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Whether a client takes an encoding: named, and not with a weight of 0. RFC 9110, 12.5.3. */
const takes = ({ headers }: IncomingMessage, encoding: string): boolean =>
  String(headers['accept-encoding'] ?? '')
    .split(',')
    .some((part) => {
      const [name = '', weight = ''] = part.split(';').map((piece) => piece.trim().toLowerCase());
      return name === encoding && !/^q=0(\.0*)?$/.test(weight);
    });

const isFile = async (path: string): Promise<boolean> => {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true;
};

/** The path of a file within a folder, as the system has it; null for what leads out of it, or is no path. */
function within(folder: string, urlPath: string): string | null {
  let path: string;
  try {
    path = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  if (path.includes('\0')) return null;
  const file = join(folder, path);
  return file.startsWith(folder + sep) ? file : null;
}

/** Streams a file, or says that it is not modified; false where it is gone, or hidden. */
function sendFile(request: IncomingMessage, response: ServerResponse, root: string, file: string): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  response.once('close', () => resolve(true));
  const path = relative(root, file).split(sep).map(encodeURIComponent).join('/');
  send(request, path, { root, dotfiles: 'ignore', cacheControl: false, index: false })
    .on('error', (err: NodeJS.ErrnoException & { status?: number }) => {
      // Removed since it was looked for, as a build does.
      if (err.status === 404) resolve(false);
      else reject(err);
    })
    .pipe(response);
  return promise;
}

/**
 * Serves a folder of files that were built for browsers, and its one page at every other address that a person opens.
 *
 * @param folder null: where the console is built; nothing is served where it is not
 * @returns null where there is no console
 * @throws ConfigError where the folder that was named has no page
 */
export async function openConsole(folder: string | null, proxyHops: number): Promise<Handler | null> {
  const root = resolvePath(folder ?? DEFAULT_FOLDER);
  if (!(await isFile(join(root, PAGE)))) {
    if (folder === null) return null;
    throw new ConfigError(`These settings are wrong:\n  ROUTER_CONSOLE_DIR: there is no index.html in ${folder}`);
  }

  const serve = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<boolean> => {
    const plain = within(root, path);
    if (plain === null || !(await isFile(plain))) return false;
    let file = plain;
    const headers: Record<string, string> = {
      'content-type': contentType(extname(plain)) || 'application/octet-stream',
      'content-security-policy': policyOf(request, proxyHops),
      'cache-control': path.startsWith(HASHED) ? FOREVER : 'no-cache',
      'cross-origin-opener-policy': 'same-origin',
      // With no-referrer browsers call the origin of some requests "null", which is nobody's own page.
      'referrer-policy': 'same-origin',
      vary: 'accept-encoding',
    };
    for (const { name, extension } of ENCODINGS) {
      if (!takes(request, name) || !(await isFile(plain + extension))) continue;
      file = plain + extension;
      headers['content-encoding'] = name;
      break;
    }
    const before = Object.fromEntries(Object.keys(headers).map((name) => [name, response.getHeader(name)]));
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (await sendFile(request, response, root, file)) return true;
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) response.removeHeader(name);
      else response.setHeader(name, value);
    }
    return false;
  };

  return async (request, response) => {
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (isReading) {
      if (path !== '/' && (await serve(request, response, path))) return;
      const isForPeople = path === '/' || (isPageRequest(request) && !path.startsWith(HASHED));
      if (isForPeople && (await serve(request, response, PAGE))) return;
    }
    return sendNothingServed(request, response);
  };
}
