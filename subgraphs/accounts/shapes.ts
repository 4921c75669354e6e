import type { Page } from '@wheelhouse/kit/connection.ts';
import type { Fault } from './refusal.ts';
import type { RoleGrant } from './rules/grants.ts';
import type { ApiKeyRow } from './store/api-keys.ts';
import type { AuditRow } from './store/audit.ts';
import type { UserRow } from './store/users.ts';

export type UserShape = UserRow;
export type UserConnectionShape = Page<UserRow>;
export type GrantShape = RoleGrant;
export type ApiKeyShape = ApiKeyRow;
export type ApiKeyConnectionShape = Page<ApiKeyRow>;
export type AuditRecordShape = AuditRow;
export type AuditRecordConnectionShape = Page<AuditRow>;
export type AccountErrorShape = Fault;
