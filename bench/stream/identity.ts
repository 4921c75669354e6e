import { createIdentityReader } from '@wheelhouse/kit/identity.ts';

/** What the router of a benchmark and its subgraphs know each other by. */
export const SERVICE_TOKEN = 'a-service-token-for-benchmarks';

/** Reads who the router asks for. */
export const readerFor = (service: string) => createIdentityReader(SERVICE_TOKEN, service, () => new Date());
