import type { ControlChange } from './qrc/message.ts';
import type { Watch, WatchMade } from './qrc/watch.ts';

/** A Core as QRC reaches it. */
export type CoreTarget = {
  host: string;
  port: number;
  transport: 'TCP' | 'WEBSOCKET' | 'WEBSOCKET_TLS';
  /** The SHA-256 of the certificate that it must have; null: one that this machine trusts. */
  fingerprint: string | null;
  /** Null where the Core asks for no logon. */
  logon: { user: string; password: string } | null;
};

/** Why nothing is known of a Core: it said nothing, or nobody could look. */
export type Failure =
  | { kind: 'silent'; detail: string }
  | { kind: 'couldNotLook'; cause: { code: string; text: string } };

/** A Core's own words for what it did not do. `code` is a name of QRC's error codes, such as UNKNOWN_CONTROL. */
export type Refusal = { kind: 'refused'; code: string; detail: string; roundTripMs: number };

/** What came of a request. */
export type Reply = { kind: 'result'; result: unknown; roundTripMs: number } | Refusal | Failure;

/** Who is told of what a Core pushes. None may throw. */
export type WatchListener = {
  changed: (changes: readonly ControlChange[]) => void;
  /** After each making of the watches, on every connection; after it all values come once. */
  watched: (made: WatchMade) => void;
  /** The code of the design that runs, when the Core says so by itself. */
  designRuns: (designCode: string) => void;
};

/** The road to one Core. It connects when it is first asked for something; once it watches something, it also connects again by itself. */
export type CoreLink = {
  /** Sends once, and never again by itself. */
  request: (method: string, params: unknown, signal: AbortSignal) => Promise<Reply>;
  /** Has the Core push what changes of these, over this connection and those that follow it, in place of what was watched before. */
  watch: (watches: readonly Watch[], listener: WatchListener) => void;
  close: () => void;
};

export type OpenLink = (target: CoreTarget) => CoreLink;
