import type { ReactNode } from 'react';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { StatusShape } from '../../../components/status-mark.tsx';
import { exactInBoth, viewerZone } from '../../../data/time.ts';
import { type Process, printSeconds, processShapeOf, type Service, shapeOf, sinceOf } from './service-rules.ts';
import { texts } from './texts.ts';

/** One service: how it is, its sweeps and queues, and its processes. @param props.zone in which times are told */
export function ServiceCard({ service, zone }: { service: Service; zone: string }) {
  const { name, state, stateReason, processes } = service;
  const id = `service-${name}`;
  const facts = factsOf(service, zone);
  return (
    <article className="service" data-state={state} aria-labelledby={id}>
      <header>
        <StatusShape status={shapeOf(state)} />
        <h2 id={id}>{name}</h2>
        <span className="service-state">{texts.state[state]}</span>
      </header>
      {stateReason !== null && <p>{stateReason}</p>}
      {facts.length > 0 && (
        <dl className="facts">
          {facts.map(([term, text]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd className="number">{text}</dd>
            </div>
          ))}
        </dl>
      )}
      {service.queues.length > 0 && <Queues queues={service.queues} />}
      {processes.length === 0 ? (
        <p className="quiet">{texts.never}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1)
        <section className="service-processes" aria-label={texts.processes(name)} tabIndex={0}>
          <table>
            <thead>
              <tr>
                {Object.values(texts.columns).map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {processes.map((process) => (
                <ProcessRow key={process.id} process={process} zone={zone} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </article>
  );
}

function factsOf({ sweep }: Service, zone: string): [term: string, text: ReactNode][] {
  const { lastFinished = null, underWay = null } = sweep ?? {};
  return [
    ...(sweep === null
      ? []
      : ([
          [
            texts.lastSweep,
            lastFinished === null ? (
              texts.noSweep
            ) : (
              <>
                <RelativeTime at={lastFinished.finishedAt ?? lastFinished.slot} zone={zone} />,{' '}
                {texts.sweep(
                  printSeconds(lastFinished.durationSeconds ?? 0),
                  lastFinished.visited,
                  lastFinished.planned,
                )}
              </>
            ),
          ],
          ...(underWay === null
            ? []
            : [[texts.underWay, texts.progress(underWay.visited, underWay.planned)] satisfies [string, ReactNode]]),
          [
            texts.missed,
            sweep.slots === 0 ? texts.noSlots : texts.missedOf(sweep.missedSlots, sweep.slots, sweep.lateLooks),
          ],
        ] satisfies [string, ReactNode][])),
  ];
}

/** How much waits in all, and on demand in which queue. */
function Queues({ queues }: { queues: Service['queues'] }) {
  const sum = (depths: readonly number[]): number => depths.reduce((total, depth) => total + depth, 0);
  const waiting = sum(queues.map((queue) => queue.waiting));
  const active = sum(queues.map((queue) => queue.active));
  return (
    <details className="service-queues">
      <summary>
        {texts.queues(queues.length)}: <span className="number">{texts.depth(waiting, active)}</span>
      </summary>
      <dl>
        {queues.map(({ name, ...depth }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="number">{texts.depth(depth.waiting, depth.active)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function ProcessRow({ process, zone }: { process: Process; zone: string }) {
  const { role, state, version, revision, host, pid, startedAt, lastSeenAt } = process;
  const own = viewerZone();
  const times = `${texts.startedAt(exactInBoth(startedAt, zone, own))}\n${texts.heardAt(exactInBoth(lastSeenAt, zone, own))}`;
  return (
    <tr data-state={state}>
      <th scope="row">{texts.role[role]}</th>
      <td title={times}>
        <span className="service-process-state">
          <StatusShape status={processShapeOf(state)} />
          {texts.processState[state]}
        </span>
      </td>
      <td>
        <RelativeTime at={sinceOf(process)} zone={zone} />
      </td>
      <td className="number" title={revision ?? undefined}>
        {version}
      </td>
      <td className="number" title={texts.pid(host, pid)}>
        {texts.pid(host, pid)}
      </td>
    </tr>
  );
}
