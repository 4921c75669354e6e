import type { SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import type { RegistryEvent, TimelineEvent } from './store/timeline.ts';

const SHOWN_CHARACTERS = 100;

/** A setting's value for people. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS - 1)}…`;
}

/** `brightnessPercent 70 → 40, power → OFF`: what was wanted, with what it was before where that is known. */
function wantedText(wanted: SettingsValues, before: SettingsValues | null): string {
  const parts = Object.keys(wanted)
    .sort()
    .map((name) => {
      const [value, old] = [wanted[name], before?.[name]];
      return old === undefined || old === null
        ? `${name} → ${shown(value)}`
        : `${name} ${shown(old)} → ${shown(value)}`;
    });
  return parts.join(', ');
}

function registryText({ name, site, removed, before }: RegistryEvent): string {
  if (before === null) return removed ? 'removed' : 'added';
  if (removed !== before.removed) return removed ? 'removed' : 'added again';
  const parts = [
    ...(name !== before.name ? [`renamed ${before.name} to ${name}`] : []),
    ...(site !== before.site ? [`moved from ${before.site} to ${site}`] : []),
  ];
  // The log tells no more: its connection, its tags or what it depends on.
  return parts.length > 0 ? parts.join(', ') : 'its entry was changed';
}

/** What happened, who did it and why, for people. */
export function describe(event: TimelineEvent): { what: string; actor: string | null; reason: string | null } {
  switch (event.kind) {
    case 'STATUS':
      return { what: `${event.from} → ${event.to}`, actor: null, reason: event.reason };
    case 'REGISTRY':
      return { what: registryText(event), actor: event.actor, reason: null };
    case 'SETTINGS': {
      const { wanted, before, state, actor, reason } = event.change;
      return { what: `${wantedText(wanted, before)}: ${state}`, actor, reason };
    }
    default:
      return event satisfies never;
  }
}
