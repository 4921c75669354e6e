/** A Core as QRC reaches it. */
export type CoreTarget = {
  host: string;
  port: number;
  transport: 'TCP' | 'WEBSOCKET';
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

/** The road to one Core. It connects when it is first asked for something, and again when the connection is gone. */
export type CoreLink = {
  /** Sends once, and never again by itself. */
  request: (method: string, params: unknown, signal: AbortSignal) => Promise<Reply>;
  /** Another number for each connection; what a Core keeps of one, such as change groups, is gone with it. */
  readonly connection: number;
  close: () => void;
};

export type OpenLink = (target: CoreTarget) => CoreLink;
