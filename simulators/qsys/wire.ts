/** One connection, over whatever transport, in messages. */
export type Wire = {
  /** Sends a piece of a message; `written` is told when the system has taken it, or that the connection has ended. */
  write: (piece: Buffer, isLast: boolean, written?: (isTaken: boolean) => void) => void;
  /** What waits to be taken by the peer, in bytes. */
  unsentBytes: () => number;
  /** Ends the connection when everything is sent. */
  end: () => void;
  /** Ends it at once. */
  destroy: () => void;
};

/** What a transport tells the one who serves a connection. */
export type WireUser = {
  /** A whole message; null: one that is too long, or no UTF-8. */
  receive: (message: string | null) => void;
  closed: () => void;
};

export type Accept = (wire: Wire) => WireUser;

/** @throws Error with code EADDRINUSE when the port is taken */
export type Listen = (place: { host: string; port: number }, accept: Accept) => Promise<Listener>;

/** A listener that can go away and come back at the same port. */
export type Listener = { readonly port: number; close: () => Promise<void> };

/** Requests are small; more than this can only be a mistake. */
export const MESSAGE_LIMIT_BYTES = 1_048_576;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text of these bytes; null when they are no UTF-8. */
export function decodeText(octets: Buffer): string | null {
  try {
    return utf8.decode(octets);
  } catch {
    return null;
  }
}
