import { Ban, CircleAlert, CircleCheck, Download as DownloadIcon, X } from 'lucide-react';
import { Button } from '../../components/button.tsx';
import { useSession } from '../../session/use-session.ts';
import { type Download, forget, startDownload, useDownloads } from './downloads.ts';
import { devicesDone, sizeText } from './export-rules.ts';
import { texts } from './texts.ts';

const own = texts.export;

/** Exports of this window: what is done of each, what is left, and what came of it. Nothing without any. */
export function DownloadList() {
  const downloads = useDownloads();
  if (downloads.length === 0) return null;
  return (
    <section className="downloads" aria-label={own.list}>
      <ul>
        {downloads.map((download) => (
          <Item key={download.id} download={download} />
        ))}
      </ul>
      {downloads.some(({ state }) => state.phase === 'running') && <p className="quiet">{own.progress.leave}</p>}
    </section>
  );
}

function Item({ download }: { download: Download }) {
  const session = useSession();
  const { id, name, wanted, devices, bytes, counted, state, cancel } = download;
  const [rows, size] = [counted.rows.toLocaleString('en'), sizeText(bytes)];
  const done = devicesDone(counted, wanted.format);
  const Icon = { running: DownloadIcon, done: CircleCheck, cancelled: Ban, failed: CircleAlert }[state.phase];
  return (
    <li className="download" data-phase={state.phase}>
      <Icon size={16} aria-hidden="true" />
      <strong>{name}</strong>
      <span className="number" role={state.phase === 'running' ? undefined : 'status'}>
        {state.phase === 'running' && own.progress.running(rows, size, own.progress.devices(done, devices))}
        {state.phase === 'done' && own.progress.done(rows, size)}
        {state.phase === 'cancelled' && own.progress.cancelled}
        {state.phase === 'failed' && (bytes === 0 ? own.progress.refused(state.why) : own.progress.failed(state.why))}
      </span>
      {state.phase === 'running' && (
        <progress
          aria-label={name}
          max={devices ?? undefined}
          value={devices === null ? undefined : Math.min(done, devices)}
        />
      )}
      {state.phase === 'running' && <Button onPress={cancel}>{own.cancel}</Button>}
      {(state.phase === 'failed' || state.phase === 'cancelled') && (
        <Button
          onPress={() => {
            forget(id);
            startDownload(wanted, devices, session);
          }}
        >
          {own.again}
        </Button>
      )}
      {state.phase !== 'running' && (
        <Button kind="plain" aria-label={own.dismiss} icon={<X aria-hidden="true" />} onPress={() => forget(id)} />
      )}
    </li>
  );
}
