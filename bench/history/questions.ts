import type { Sql } from '@wheelhouse/kit/database.ts';
import type { HistoryServer } from './server.ts';
import { METRICS } from './year.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** A question to the graph, and the rows that answer it, by the barest SQL. */
export type Question = { name: string; aimMs: number; ask: () => Promise<unknown>; bare: () => Promise<unknown> };

const HISTORY = `query ($of: [_Any!]!, $from: DateTime!, $to: DateTime!, $step: HistoryStep!, $metrics: [String!]) {
  _entities(representations: $of) {
    ... on Device { history(from: $from, to: $to, step: $step, metrics: $metrics) {
      from to onlineRatio metrics { name unit mean min max last samples }
    } }
  }
}`;
const HUNDRED = `query ($of: [_Any!]!, $from: DateTime!, $to: DateTime!, $step: HistoryStep!, $metrics: [String!]) {
  _entities(representations: $of) {
    ... on Device { history(from: $from, to: $to, step: $step, metrics: $metrics) { from metrics { name last } } }
  }
}`;
const AVAILABILITY = `query ($from: DateTime!, $to: DateTime!) {
  availability(from: $from, to: $to, groupBy: SITE) {
    group onlineRatio onlineSeconds degradedSeconds offlineSeconds unknownSeconds blindSeconds devices
  }
}`;

/** Asks a subgraph. @throws Error when it answers with errors, or with nothing to speak of */
const askOf =
  ({ url, headers: asked }: Pick<HistoryServer, 'url' | 'headers'>) =>
  async (query: string, variables: Record<string, unknown>): Promise<void> => {
    const headers = { 'content-type': 'application/json', ...(await asked()) };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    const text = await response.text();
    if (text.includes('"errors"') || text.length < 1_000) throw new Error(`history answered: ${text.slice(0, 300)}`);
  };

export function questionsOf({
  server,
  bare,
  ids,
  now,
  days,
}: {
  server: HistoryServer;
  bare: Sql;
  ids: readonly string[];
  now: Date;
  days: number;
}): Question[] {
  const ask = askOf(server);
  let turn = 0;
  const next = (): string => {
    turn += 7;
    return ids[turn % ids.length] ?? '';
  };
  const ago = (count: number): Date => new Date(now.getTime() - count * DAY_MS);
  const dayAgo = (count: number): string => ago(count).toISOString().slice(0, 10);
  const of = (list: readonly string[]) => list.map((id) => ({ __typename: 'Device', id }));
  const history = (list: readonly string[], from: Date, step: string) =>
    ask(HISTORY, { of: of(list), from, to: now, step, metrics: null });
  const hundred = ids.slice(0, 100);
  const yesterday = new Date(now.getTime() - 24 * HOUR_MS);
  return [
    {
      name: `one device at DAY over ${Math.min(days, 365)} days`,
      aimMs: 50,
      ask: () => history([next()], ago(Math.min(days, 365)), 'DAY'),
      bare: () =>
        bare`select * from history.daily_rollups where device_id = ${next()} and day >= ${dayAgo(365)}::text::date`,
    },
    {
      name: 'one device at HOUR over 30 days',
      aimMs: 50,
      ask: () => history([next()], ago(Math.min(days, 30)), 'HOUR'),
      bare: () =>
        bare`select hour, values from history.archived_samples where device_id = ${next()} and hour >= ${ago(30)}`,
    },
    {
      name: 'availability of the estate by site, 30 days',
      aimMs: 1_000,
      ask: () => ask(AVAILABILITY, { from: ago(Math.min(days, 30)), to: now }),
      bare: () => bare`select device_id, at, "to" from devices.status_changes where at >= ${ago(30)}`,
    },
    {
      name: '100 devices, last 24 hours of 5 metrics',
      aimMs: 100,
      ask: () =>
        ask(HUNDRED, { of: of(hundred), from: yesterday, to: now, step: 'HOUR', metrics: METRICS.slice(0, 5) }),
      bare: () => bare`
        select device_id, hour, to_json(values) from history.archived_samples where device_id = any(${hundred}) and hour >= ${yesterday}
        union all
        select subject, hour, metrics::json from fida.samples where subject = any(${hundred}) and hour >= ${dayAgo(0)}::text::timestamptz`,
    },
  ];
}
