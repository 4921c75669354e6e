import { useSyncExternalStore } from 'react';
import { say } from '../../components/toast.tsx';
import type { Session } from '../../session/session.ts';
import { createStore } from '../../store.ts';
import { type Counted, countIn, type Export, exportPath, fileNameIn, NOTHING_COUNTED } from './export-rules.ts';
import { texts } from './texts.ts';

const own = texts.export;

/** An export that was asked for. It goes on while other pages are looked at, until the window is closed. */
export type Download = {
  id: number;
  wanted: Export;
  name: string;
  /** How many devices it may have; null: not known. */
  devices: number | null;
  bytes: number;
  counted: Counted;
  state: { phase: 'running' } | { phase: 'done' } | { phase: 'cancelled' } | { phase: 'failed'; why: string };
  cancel: () => void;
};

const downloads = createStore<readonly Download[]>([]);
let lastId = 0;
/** How often progress is told. */
const TOLD_MS = 200;
/** Pieces are put together into a Blob at this size: browsers keep large ones on disk, and no script has to hold the whole file. */
const PART_BYTES = 4_000_000;

export const listDownloads = downloads.get;

export const useDownloads = (): readonly Download[] => useSyncExternalStore(downloads.subscribe, listDownloads);

const change = (id: number, changed: Partial<Download>): void =>
  downloads.set(downloads.get().map((each) => (each.id === id ? { ...each, ...changed } : each)));

export const forget = (id: number): void => downloads.set(downloads.get().filter((each) => each.id !== id));

/** Hands a file to the browser, under a name. */
function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads it after the press: soon, and not at once.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** What a refusal says, for people. */
async function refusalOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : null;
  return typeof error === 'string' ? error : `HTTP ${response.status}`;
}

/** @throws Error when the export was refused or broke off */
async function fetchExport(wanted: Export, signal: AbortSignal, id: number): Promise<void> {
  const response = await fetch(exportPath(wanted), { credentials: 'same-origin', signal });
  if (!response.ok || response.body === null) throw new Error(await refusalOf(response));
  const name = fileNameIn(response.headers.get('content-disposition'), `${wanted.kind}.${wanted.format}`);
  change(id, { name });
  const decoder = new TextDecoder();
  const parts: Blob[] = [];
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let [pieceBytes, bytes, toldAt] = [0, 0, 0];
  let counted: Counted = NOTHING_COUNTED;
  const fold = (): void => {
    parts.push(new Blob(pieces));
    pieces = [];
    pieceBytes = 0;
  };
  const reader = response.body.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    pieces.push(piece.value);
    pieceBytes += piece.value.length;
    bytes += piece.value.length;
    counted = countIn(counted, decoder.decode(piece.value, { stream: true }));
    if (pieceBytes >= PART_BYTES) fold();
    if (performance.now() - toldAt < TOLD_MS) continue;
    toldAt = performance.now();
    change(id, { bytes, counted });
  }
  fold();
  save(new Blob(parts, { type: response.headers.get('content-type') ?? '' }), name);
  change(id, { bytes, counted, state: { phase: 'done' } });
}

/**
 * Starts an export; `devices` is how many it may have. What breaks off is thrown away: a file is whole, or there is none. It ends with the sign-in of
 * who asked for it, and whoever comes next does not hear of it.
 */
export function startDownload(wanted: Export, devices: number | null, session: Pick<Session, 'state'>): void {
  lastId += 1;
  const id = lastId;
  const abort = new AbortController();
  const download: Download = {
    ...{ id, wanted, devices, name: `${wanted.kind}.${wanted.format}`, bytes: 0, counted: NOTHING_COUNTED },
    ...{ state: { phase: 'running' }, cancel: () => abort.abort() },
  };
  downloads.set([...downloads.get(), download]);
  const signInOf = (state = session.state.get()) => (state.phase === 'signedIn' ? state.signIn : null);
  const signIn = signInOf();
  const leave = session.state.subscribe(() => {
    if (signInOf() === signIn) return;
    leave();
    abort.abort();
    forget(id);
  });
  const nameOf = (): string => downloads.get().find((each) => each.id === id)?.name ?? download.name;
  fetchExport(wanted, abort.signal, id).then(
    () => say('done', own.said(nameOf())),
    (err: unknown) => {
      if (abort.signal.aborted) {
        change(id, { state: { phase: 'cancelled' } });
        return;
      }
      const why = err instanceof TypeError ? own.short : String(err instanceof Error ? err.message : err);
      change(id, { state: { phase: 'failed', why } });
      say('failed', own.saidFailed(nameOf()));
    },
  );
}
