import { dateTime, json } from '@wheelhouse/kit/scalars.ts';
import type { GraphQLResolverMap } from '@wheelhouse/kit/subgraph-server.ts';
import type { Context } from './context.ts';
import type { Resolvers } from './generated/types.ts';
import { apiKeyMutations, apiKeyQueries } from './resolvers/api-keys.ts';
import { auditQueries, auditRecordType } from './resolvers/audit.ts';
import { serviceProcessType, serviceQueries, serviceQueueType } from './resolvers/services.ts';
import { sessionMutations } from './resolvers/sessions.ts';
import { userMutations, userQueries, userType } from './resolvers/users.ts';

const typed: Resolvers = {
  DateTime: dateTime,
  JSON: json,
  UserError: { __resolveType: () => 'AccountError' },
  User: userType,
  AuditRecord: auditRecordType,
  ServiceProcess: serviceProcessType,
  ServiceQueue: serviceQueueType,
  Query: { ...userQueries, ...apiKeyQueries, ...auditQueries, ...serviceQueries },
  Mutation: { ...sessionMutations, ...userMutations, ...apiKeyMutations },
};

export const resolvers: GraphQLResolverMap<Context> = { ...typed };
