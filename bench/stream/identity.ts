import { anonymousFrom } from '@wheelhouse/kit/identity.ts';
import type { IdentityReader } from '@wheelhouse/kit/subgraph-server.ts';

const nobody = anonymousFrom(null);
/** Lets everybody in: a supergraph without accounts has nobody to vouch for. */
export const anybody: IdentityReader = async () => nobody;
