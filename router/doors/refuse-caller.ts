import type { ServerResponse } from 'node:http';
import { sendJson } from '@wheelhouse/kit/http.ts';
import type { GraphQLError } from 'graphql';
import { httpOf } from '../access/faults.ts';
import { withoutHttp } from '../faults.ts';

/** Answers who could not be told, or is not let in, as Apollo Server does on the door of plain HTTP. */
export function refuseCaller(response: ServerResponse, err: GraphQLError): void {
  const { status, headers } = httpOf(err);
  response.setHeaders(new Map(headers));
  sendJson(response, status, { errors: [withoutHttp(err).toJSON()] });
}
