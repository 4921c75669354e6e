import { useState } from 'react';
import { Button } from '../../../components/button.tsx';
import { clockTime, viewerZone } from '../../../data/time.ts';
import { DifferenceItem } from './difference-item.tsx';
import { type Plan, type Refusal, totalOf } from './import-rules.ts';
import { texts } from './texts.ts';

/** What a file would do: counts, the differences in its order, and the button that does it. */
export function PlanView(props: {
  name: string | null;
  plan: Plan;
  onApply: (plan: Plan) => Promise<void>;
  onMore: (plan: Plan) => Promise<void>;
}) {
  const { name, plan, onApply, onMore } = props;
  const [isLoading, setLoading] = useState(false);
  const { added, changed, unchanged, sitesChanged, differences } = plan;
  const total = totalOf(plan);
  const more = async (): Promise<void> => {
    setLoading(true);
    await onMore(plan).finally(() => setLoading(false));
  };
  const counts: [term: string, count: number][] = [
    [texts.added, added],
    [texts.changed, changed],
    [texts.unchanged, unchanged],
    [texts.sites, sitesChanged],
  ];
  return (
    <section className="plan" aria-labelledby="plan-title">
      <h2 id="plan-title">{texts.counts(name)}</h2>
      <dl className="plan-counts">
        {counts.map(([term, count]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd className="number">{count.toLocaleString('en')}</dd>
          </div>
        ))}
      </dl>
      {total === 0 && <p role="status">{texts.nothing}</p>}
      {plan.id !== null && total > 0 && (
        <div className="plan-apply">
          <Button kind="primary" onPress={() => void onApply(plan)}>
            {texts.apply(added, changed, sitesChanged)}
          </Button>
          <p className="quiet">{texts.until(clockTime(plan.expiresAt, viewerZone()))}</p>
        </div>
      )}
      {total > 0 && (
        <>
          <h2 id="differences-title">{texts.differences}</h2>
          <ul className="differences" aria-labelledby="differences-title">
            {differences.nodes.map((difference) => (
              <li key={`${difference.kind} ${difference.line} ${difference.site} ${difference.externalId}`}>
                <DifferenceItem difference={difference} />
              </li>
            ))}
          </ul>
          {differences.pageInfo.hasNextPage && plan.id === null && (
            <p className="quiet">{texts.firstOnly(differences.nodes.length, total)}</p>
          )}
          {differences.pageInfo.hasNextPage && plan.id !== null && (
            <div>
              <Button isPending={isLoading} onPress={() => void more()}>
                {texts.more(differences.nodes.length, total)}
              </Button>
            </div>
          )}
        </>
      )}
    </section>
  );
}

/** What is refused, each with its place in the file. */
export function Refusals({ refusals }: { refusals: readonly Refusal[] }) {
  if (refusals.length === 0) return null;
  return (
    <section className="refusals" role="alert" aria-labelledby="refusals-title">
      <h2 id="refusals-title">{texts.refusedTitle(refusals.length)}</h2>
      <p>{texts.refusedText}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1) */}
      <section className="refusals-table" aria-label={texts.refusedTable} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{texts.refused.place}</th>
              <th scope="col">{texts.refused.path}</th>
              <th scope="col">{texts.refused.message}</th>
            </tr>
          </thead>
          <tbody>
            {refusals.map(({ path, line, column, message }) => (
              <tr key={`${path} ${line} ${column} ${message}`}>
                <td className="number">{line === null ? '' : texts.place(line, column)}</td>
                <td>{path}</td>
                <td>{message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
