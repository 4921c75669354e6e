import { GraphQLError } from 'graphql';
import type { Access } from './access/access.ts';
import type { Caller } from './access/caller.ts';
import { type Asking, addressOf, type NameCaller } from './caller.ts';
import { forwardedHeaders, type OperationContext, tracingHeaders } from './context.ts';
import { type Rates, rateLimited } from './rates.ts';

/**
 * Who asks, as every door takes it, who is counted for it, and what of their headers goes on to subgraphs: with accounts, no word of theirs
 * about who they are.
 */
export type Introduction = Required<Pick<OperationContext, 'headers' | 'asserted' | 'caller' | 'countedAs'>>;

/** @param byCookie what stands in for the header `authorization` where there is none: the session of the browser that asks */
export type IntroducedBy = Asking & { byCookie?: string | undefined };

/**
 * Finds out who asks, before anything else that is done for them. Who could not be told costs the address that they ask from, and where that
 * has to wait nobody is looked up any more: those who are known by then go on.
 *
 * @param asking of a websocket, with what its connection_init brought among the headers
 * @throws GraphQLError when somebody is not who they say, when it could not be found out, or RATE_LIMITED
 */
export type Introduce = (asking: IntroducedBy) => Promise<Introduction>;

export function createIntroduce(options: {
  /** Tells who asks; null where there are no accounts. */
  access: () => Access | null;
  proxyHops: number;
  nameOf: NameCaller;
  rates: Rates;
}): Introduce {
  const { proxyHops, nameOf, rates } = options;
  return async (asking) => {
    const { headers, address } = asking;
    const access = options.access();
    const addressName = nameOf(asking);
    if (access === null)
      return { headers: forwardedHeaders(headers), asserted: null, caller: null, countedAs: addressName };
    const authorization = headers.authorization ?? asking.byCookie;
    const origin = address === undefined ? null : addressOf(asking, proxyHops);
    const refusal = access.isKnown(authorization, origin) ? null : rates.refusal(addressName);
    if (refusal !== null) throw rateLimited(refusal);
    try {
      const caller = await access.identify(authorization, origin);
      return {
        headers: tracingHeaders(headers),
        asserted: caller.asserted,
        caller,
        countedAs: nameOf(asking, caller),
      };
    } catch (err) {
      if (err instanceof GraphQLError) void rates.take(addressName, 'operations', 1);
      throw err;
    }
  };
}

/** Why what a caller asks is not done any more; null while they count. */
export const endOfCaller = (access: Access | null, caller: Caller | null | undefined): GraphQLError | null =>
  access === null || caller == null ? null : access.endOf(caller);
