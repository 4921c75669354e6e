import { useApolloClient } from '@apollo/client/react';
import { RotateCw, X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { Link } from 'react-router';
import { Button } from '../../../components/button.tsx';
import { PlainTable } from '../../../components/plain-table.tsx';
import { BULK_STATES, countsOf, deedOf, SENDING, untaken } from './bulk-rules.ts';
import { bulkRun, runBulk } from './bulk-run.ts';
import { texts } from './texts.ts';

const own = texts.run;

/** What has become of each display that something was asked of; nothing when nothing was. */
export function BulkProgress() {
  const graph = useApolloClient();
  const run = useSyncExternalStore(bulkRun.subscribe, bulkRun.get);
  if (run === null) return null;
  const { deed, values, reason, targets, outcomes, isDone, trouble } = run;
  const left = isDone ? untaken(targets, outcomes) : [];
  const counts = countsOf(outcomes.values());
  const sending = counts.find(({ state }) => state === 'SENDING')?.count ?? 0;
  const rows = targets
    .map((target) => ({ ...target, ...(outcomes.get(target.id) ?? SENDING) }))
    .sort((a, b) => BULK_STATES.indexOf(a.state) - BULK_STATES.indexOf(b.state));
  return (
    <section className="bulk-run" aria-label={own.region}>
      <div className="bulk-head">
        <h2>{deed}</h2>
        <Button
          kind="plain"
          aria-label={own.dismiss}
          icon={<X aria-hidden="true" />}
          onPress={() => bulkRun.set(null)}
        />
      </div>
      {!isDone && <progress max={targets.length} value={targets.length - sending} aria-label={deed} />}
      <p role="status">
        {counts.map(({ state, count }) => (
          <span key={state} className="bulk-count" data-state={state}>
            {own.counts(count, texts.states[state])}
          </span>
        ))}
        {!isDone && <span className="quiet">{trouble === null ? own.going : `${own.away} ${trouble}`}</span>}
      </p>
      {left.length > 0 && (
        <Button
          icon={<RotateCw aria-hidden="true" />}
          onPress={() => void runBulk(graph, { deed: deedOf(values, left), values, targets: left, reason })}
        >
          {own.again(left.length)}
        </Button>
      )}
      <details>
        <summary>{own.showAll}</summary>
        <PlainTable className="bulk-table" label={deed}>
          <thead>
            <tr>
              <th scope="col">{own.device}</th>
              <th scope="col">{own.outcome}</th>
              <th scope="col">{own.detail}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ id, name, state, detail }) => (
              <tr key={id}>
                <th scope="row">
                  <Link to={`/devices/${id}`}>{name}</Link>
                </th>
                <td className="bulk-count" data-state={state}>
                  {texts.states[state]}
                </td>
                <td>{detail}</td>
              </tr>
            ))}
          </tbody>
        </PlainTable>
      </details>
    </section>
  );
}
