import type { CursorLostError, GraphQLFault } from './errors.ts';

/** A document's text: a string, or code generation's TypedDocumentString, from which `Data` and `Variables` are then known. */
export type DocumentText<Data, Variables> = Pick<string, 'toString' | 'trim'> & {
  __apiType?: (variables: Variables) => Data;
};

export type FollowedEvent<Data> = {
  data: Data;
  /** What could not be fetched for this event: the fields at their paths are null. Empty when all is there. */
  errors: readonly GraphQLFault[];
  /** Where the event stands in its log; null when `cursorOf` says that it has no place. */
  cursor: string | null;
};

/**
 * How a followed subscription stands.
 *
 * - `connecting`: it was never live yet
 * - `live`: an event came over this connection; or, a while (`confirmAfterMs`) after the subscription was sent, it had not been refused, and
 *   the server answered a ping sent after it (SSE: has accepted the request). Neither protocol acknowledges a subscription, so what
 *   stands behind the server may still refuse it.
 * - `reconnecting`: it was live, and is not now; nothing is lost while there is a cursor
 * - `ended`: left, closed, or failed for good
 */
export type FollowState = {
  phase: 'connecting' | 'live' | 'reconnecting' | 'ended';
  /** When this phase began; further tries do not move it. */
  since: Date;
  /** Tries in a row that brought nothing. */
  attempt: number;
  /** Why it is not live, for people to read; null when there is nothing to say. */
  reason: string | null;
};

/** Events may have been missed: what is shown should be read anew. */
export type Gap = {
  reason: string;
  /** The cursor after which events may be missing; null when there was none. */
  after: string | null;
  at: Date;
};

export type FollowOptions<Data, Variables = Record<string, unknown>> = {
  /** A subscription that takes its cursor as a variable and selects the `cursor` of its events. */
  query: DocumentText<Data, Variables>;
  /** The other variables. */
  variables?: Omit<Variables, 'after'>;
  /** Events after this cursor come first. Without it the stream begins now. */
  after?: string | null;
  /**
   * Asked for the cursor to begin with when `after` is not given, such as that of `{ statusCursor }`. Null, a TransportError and
   * errors that pass are tried again; anything else that it throws ends the stream.
   */
  startCursor?: () => Promise<string | null | undefined>;
  /**
   * Called when the log no longer knows the cursor, once all earlier events are dealt with: read anew what you show, and return
   * the cursor to go on from (ask for it before you read). Tried again like `startCursor`. Without it the stream ends with the
   * CursorLostError.
   */
  onCursorLost?: (lost: CursorLostError) => Promise<string | null | undefined>;
  /** The name of the variable that takes the cursor. @default "after" */
  cursorVariable?: string;
  /** Where an event has its cursor; null for an event that has no place in a log. @default the field `cursor` of the root field */
  cursorOf?: (data: Data) => string | null;
  /** Events that may wait for the reader. One more pauses the subscription until half of them are read. @default 1,000 */
  bufferSize?: number;
  /** Told each change of state. What it throws ends the stream. */
  onState?: (state: FollowState) => void;
  /** Told when events may have been missed. What it throws ends the stream. */
  onGap?: (gap: Gap) => void;
};

/** The cursor of an event where Wheelhouse's own subscriptions have it. @throws TypeError when it is not there */
export function cursorAtRoot(data: unknown): string {
  const [[name, event] = ['data', null]] = Object.entries(data ?? {});
  const cursor: unknown = typeof event === 'object' && event !== null && 'cursor' in event ? event.cursor : undefined;
  if (typeof cursor === 'string') return cursor;
  throw new TypeError(`the subscription must select "cursor" in "${name}", or cursorOf must say where the cursor is`);
}
