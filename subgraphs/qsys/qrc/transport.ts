import { connect } from 'node:net';
import { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { FrameTooLargeError, NulFrames } from './frames.ts';

export type QrcAddress =
  /** JSON-RPC with a NUL after each message; port 1710. */
  | { transport: 'TCP'; host: string; port: number }
  /**
   * ws://HOST/qrc-public-api/v0, or wss: one message in each text message, without a NUL. With `fingerprint`, the SHA-256 of a certificate as Node
   * writes it, the Core's must be that one, whoever signed it; without, it must be one that this machine trusts.
   */
  | { transport: 'WEBSOCKET'; url: string; fingerprint?: string };

/** Why a connection ended, or never was. */
export type Loss =
  | 'CONNECT_FAILED'
  | 'CONNECT_TIMEOUT'
  | 'CLOSED_BY_CORE'
  | 'FRAME_TOO_LARGE'
  | 'GARBAGE'
  | 'NO_ANSWER'
  | 'LOGON_REFUSED'
  | 'CERTIFICATE_REFUSED'
  | 'CLOSED';

export type Ended = { loss: Loss; detail: string };

export type TransportUser = {
  opened: () => void;
  /** A whole message; null when it is no UTF-8. */
  received: (text: string | null) => void;
  /** Called once, also when it never opened. */
  ended: (ended: Ended) => void;
};

export type Transport = {
  send: (text: string) => void;
  /** What the Core has not taken yet, in bytes. */
  unsentBytes: () => number;
  /** Ends it at once, for this reason. */
  end: (ended: Ended) => void;
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(octets: Buffer): string | null {
  try {
    return utf8.decode(octets);
  } catch {
    return null;
  }
}

const once = (user: TransportUser, close: () => void): ((ended: Ended) => void) => {
  let isOver = false;
  return (ended) => {
    if (isOver) return;
    isOver = true;
    close();
    user.ended(ended);
  };
};

function connectTcp(
  { host, port }: QrcAddress & { transport: 'TCP' },
  user: TransportUser,
  frameLimitBytes: number,
): Transport {
  const socket = connect({ host, port, noDelay: true });
  const frames = new NulFrames(frameLimitBytes);
  let isOpen = false;
  const end = once(user, () => socket.destroy());
  socket.on('connect', () => {
    isOpen = true;
    user.opened();
  });
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const frame of frames.push(chunk)) user.received(textOf(frame));
    } catch (err) {
      if (!(err instanceof FrameTooLargeError)) throw err;
      end({ loss: err.code, detail: err.message });
    }
  });
  socket.on('error', ({ message }) => end({ loss: isOpen ? 'CLOSED_BY_CORE' : 'CONNECT_FAILED', detail: message }));
  socket.on('close', () => end({ loss: 'CLOSED_BY_CORE', detail: 'the Core closed the connection' }));
  return { send: (text) => void socket.write(`${text}\0`), unsentBytes: () => socket.writableLength, end };
}

/** OpenSSL's words for a certificate that can't be verified, and Node's for one of another host (Node's TLS documentation, "X509 certificate error codes"). */
const UNVERIFIED = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY|DECRYPT)|CRL|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)/;

function connectWebSocket(
  { url, fingerprint }: QrcAddress & { transport: 'WEBSOCKET' },
  user: TransportUser,
  frameLimitBytes: number,
): Transport {
  const socket = new WebSocket(url, {
    ...{ maxPayload: frameLimitBytes, perMessageDeflate: false, followRedirects: false },
    // Compared below, before a word is said that only the Core may hear.
    rejectUnauthorized: fingerprint === undefined,
  });
  let isOpen = false;
  const end = once(user, () => socket.terminate());
  socket.on('upgrade', ({ socket: wire }) => {
    if (fingerprint === undefined) return;
    const own = wire instanceof TLSSocket ? wire.getPeerCertificate().fingerprint256 : null;
    if (own === fingerprint) return;
    const detail = `the Core's certificate has the SHA-256 fingerprint ${own ?? 'of none'}, and not the one that is known`;
    end({ loss: 'CERTIFICATE_REFUSED', detail });
  });
  socket.on('open', () => {
    isOpen = true;
    user.opened();
  });
  socket.on('message', (data: Buffer, isBinary) => user.received(isBinary ? null : textOf(data)));
  socket.on('error', (err) => {
    const code = 'code' in err ? err.code : null;
    if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') end({ loss: 'FRAME_TOO_LARGE', detail: err.message });
    else if (code === 'WS_ERR_INVALID_UTF8') end({ loss: 'GARBAGE', detail: err.message });
    else if (!isOpen && UNVERIFIED.test(String(code)))
      end({ loss: 'CERTIFICATE_REFUSED', detail: `the Core's certificate can't be verified: ${err.message}` });
    else end({ loss: isOpen ? 'CLOSED_BY_CORE' : 'CONNECT_FAILED', detail: err.message });
  });
  socket.on('close', () => end({ loss: 'CLOSED_BY_CORE', detail: 'the Core closed the connection' }));
  return { send: (text) => socket.send(text), unsentBytes: () => socket.bufferedAmount, end };
}

const DEAD: Transport = { send: () => undefined, unsentBytes: () => 0, end: () => undefined };

/** Begins to connect; `user` hears of everything else, but never before this has returned. */
export function connectTransport(address: QrcAddress, user: TransportUser, frameLimitBytes: number): Transport {
  try {
    return address.transport === 'TCP'
      ? connectTcp(address, user, frameLimitBytes)
      : connectWebSocket(address, user, frameLimitBytes);
  } catch (err) {
    // An address that is none.
    const detail = err instanceof Error ? err.message : String(err);
    queueMicrotask(() => user.ended({ loss: 'CONNECT_FAILED', detail }));
    return DEAD;
  }
}
