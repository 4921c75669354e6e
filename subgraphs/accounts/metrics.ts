import { Counter, Gauge, type Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** What Prometheus can ask of the server. */
export const createMetrics = (registry: Registry) => ({
  signIns: new Counter({
    name: 'wheelhouse_accounts_sign_ins_total',
    help: 'Tries to sign in by outcome: signedIn, wrong, disabled, throttled, busy',
    labelNames: ['outcome'],
    registers: [registry],
  }),
  refreshes: new Counter({
    name: 'wheelhouse_accounts_refreshes_total',
    help: 'Refresh tokens that were brought, by outcome: good, raced, replayed, expired, ended, unknown',
    labelNames: ['outcome'],
    registers: [registry],
  }),
  keyUses: new Counter({
    name: 'wheelhouse_accounts_api_key_lookups_total',
    help: 'API keys that a router asked about, by outcome: holds, refused',
    labelNames: ['outcome'],
    registers: [registry],
  }),
  passwordsWaiting: new Gauge({
    name: 'wheelhouse_accounts_passwords_waiting',
    help: 'Passwords that wait to be hashed',
    registers: [registry],
  }),
});
