import type { SettingsChangeRow } from '@wheelhouse/kit/settings-requests.ts';
import type { SetAnswer } from '@wheelhouse/kit/settings-rules.ts';
import { Counter, Histogram, type Registry } from 'prom-client';

/** What Prometheus is told of changes of settings. */
export type SettingsMetrics = {
  ended: (change: SettingsChangeRow) => void;
  superseded: (changes: number) => void;
  sent: (answer: SetAnswer) => void;
};

/** Server and worker may share a process, and with it a registry. */
function counter<Label extends string>(registry: Registry, name: string, help: string, label: Label): Counter<Label> {
  const known = registry.getSingleMetric(name);
  return known instanceof Counter ? known : new Counter({ name, help, labelNames: [label], registers: [registry] });
}

export function settingsMetrics(registry: Registry): SettingsMetrics {
  const changes = counter(
    registry,
    'wheelhouse_qsys_settings_changes_total',
    'Changes of controls by outcome: APPLIED, MISMATCH, UNREACHABLE, REJECTED, SUPERSEDED',
    'outcome',
  );
  const sets = counter(
    registry,
    'wheelhouse_qsys_sets_total',
    'Settings of controls, sent, by answer: accepted, refused, silent, couldNotLook',
    'outcome',
  );
  const name = 'wheelhouse_qsys_settings_change_seconds';
  const known = registry.getSingleMetric(name);
  const seconds =
    known instanceof Histogram
      ? known
      : new Histogram({
          name,
          help: 'From the request of a change of controls to its outcome',
          buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300],
          labelNames: ['outcome'],
          registers: [registry],
        });
  return {
    ended: ({ state, requestedAt, finishedAt }) => {
      changes.inc({ outcome: state });
      if (finishedAt !== null)
        seconds.observe({ outcome: state }, Math.max(0, finishedAt.getTime() - requestedAt.getTime()) / 1_000);
    },
    superseded: (count) => changes.inc({ outcome: 'SUPERSEDED' }, count),
    sent: ({ kind }) => sets.inc({ outcome: kind }),
  };
}
