import { ROLES, type Role, type Scope } from '@wheelhouse/contracts/access.ts';
import { auditColumns } from '@wheelhouse/contracts/audit.ts';
import { auditOutboxTable } from '@wheelhouse/kit/audit.ts';
import { instant } from '@wheelhouse/kit/columns.ts';
import { logCounters, logPosition } from '@wheelhouse/kit/log-table.ts';
import { processesTable } from '@wheelhouse/kit/processes.ts';
import { sql } from 'drizzle-orm';
import { bigint, index, integer, jsonb, pgSchema, primaryKey, text, unique } from 'drizzle-orm/pg-core';

export const schema = pgSchema('accounts');

export const users = schema.table('users', {
  id: text().primaryKey(),
  /** As rules/emails.ts has it; nobody else has it. */
  email: text().notNull().unique(),
  name: text().notNull(),
  /** In the form of the PHC: it says by which parameters it was made. */
  passwordHash: text('password_hash').notNull(),
  createdAt: instant('created_at').notNull(),
  /** Null while the account is not disabled. */
  disabledAt: instant('disabled_at'),
  /** Null before the first time. */
  lastSignedInAt: instant('last_signed_in_at'),
  /** How often what they may do has changed: what is signed for them says it. */
  rightsVersion: integer('rights_version').notNull().default(0),
});

export const grants = schema.table(
  'grants',
  {
    userId: text('user_id').notNull(),
    role: text({ enum: ROLES }).notNull(),
    /** Null: everywhere. */
    site: text(),
  },
  (table) => [unique('grants_once').on(table.userId, table.role, table.site).nullsNotDistinct()],
);

export const invitations = schema.table('invitations', {
  id: text().primaryKey(),
  email: text().notNull(),
  secretHash: text('secret_hash').notNull(),
  grants: jsonb().$type<{ role: Role; site: string | null }[]>().notNull(),
  /** The name of who invited. */
  invitedBy: text('invited_by').notNull(),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
  /** Null while it was not used. */
  usedAt: instant('used_at'),
});

/** A session is a family of refresh tokens (RFC 9700 §4.14.2): one is good at a time, and all end together. */
export const sessions = schema.table(
  'sessions',
  {
    id: text().primaryKey(),
    userId: text('user_id').notNull(),
    createdAt: instant('created_at').notNull(),
    /** When it ends, however often it is refreshed. */
    expiresAt: instant('expires_at').notNull(),
    /** Of what all its refresh tokens have in common: it tells an old one from one that is made up. */
    familyHash: text('family_hash').notNull(),
    /** Of what the refresh token that is good has for itself. */
    tokenHash: text('token_hash').notNull(),
    /** Of the one before; null before the first refresh. */
    previousHash: text('previous_hash'),
    /** When it was last refreshed, or began. */
    rotatedAt: instant('rotated_at').notNull(),
    rotations: integer().notNull().default(0),
    /** Where it began, for people; null where that is not known. */
    origin: text(),
    /** Null while it lives. */
    endedAt: instant('ended_at'),
    /** LOGOUT, REPLAY, PASSWORD_CHANGED, DISABLED or ENDED; null while it lives. */
    endReason: text('end_reason'),
  },
  (table) => [index('sessions_live').on(table.userId).where(sql`ended_at is null`)],
);

/** Tries to sign in that went wrong, or are under way, by what they have in common: an address, an account, or both. */
export const signInAttempts = schema.table('sign_in_attempts', {
  key: text().primaryKey(),
  failures: integer().notNull(),
  lastAt: instant('last_at').notNull(),
  /** No try is made before; null: one may be made. */
  blockedUntil: instant('blocked_until'),
});

/** The addresses from which a user has signed in: from there strangers can't keep them out. */
export const knownAddresses = schema.table(
  'known_addresses',
  {
    userId: text('user_id').notNull(),
    address: text().notNull(),
    lastAt: instant('last_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.address] })],
);

/** The keys that access tokens are signed with, one after the other (rules/signing-keys.ts). */
export const signingKeys = schema.table('signing_keys', {
  /** The claim `kid`. */
  kid: text().primaryKey(),
  /** RFC 7517; what JWKS shows. */
  publicJwk: jsonb('public_jwk').$type<Record<string, unknown>>().notNull(),
  /** The private JWK, sealed for its kid. */
  sealed: text().notNull(),
  createdAt: instant('created_at').notNull(),
  /** From when on tokens are signed with it; it is published before. */
  signsFrom: instant('signs_from').notNull(),
});

export const apiKeys = schema.table(
  'api_keys',
  {
    id: text().primaryKey(),
    /** Who made it. */
    userId: text('user_id').notNull(),
    name: text().notNull(),
    secretHash: text('secret_hash').notNull(),
    scopes: text().array().$type<Scope[]>().notNull(),
    /** Null: wherever its maker may. */
    sites: text().array(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    /** To the minute; null before the first time. */
    lastUsedAt: instant('last_used_at'),
    /** Null while it was not revoked. */
    revokedAt: instant('revoked_at'),
  },
  (table) => [index('api_keys_user').on(table.userId, table.createdAt, table.id)],
);

export const logCounterTable = logCounters(schema);

/** What was taken away (contracts/access.ts): a log, of which rows stay for as long as tokens live that they concern. */
export const accessLog = schema.table('access_log', {
  position: logPosition(),
  sub: text(),
  sid: text(),
  before: instant('before').notNull(),
  /** Where what somebody may do has changed: their version from then on. */
  rightsVersion: integer('rights_version'),
  at: instant('at').notNull(),
});

/** What this service did. It goes the same road as that of the others. */
export const auditOutbox = auditOutboxTable(schema, auditColumns());

/**
 * What all services did, for good. A trigger refuses every change and removal (the migration has it). `id` is the position in the log:
 * the order in which records arrived, which is not that of `at`.
 */
export const auditLog = schema.table(
  'audit_log',
  { position: logPosition(), service: text().notNull(), ...auditColumns() },
  (table) => [
    index('audit_log_at').on(table.at, table.position),
    index('audit_log_actor').on(table.actor, table.at, table.position),
    index('audit_log_action').on(table.action, table.at, table.position),
    index('audit_log_target').on(table.target, table.at, table.position),
    // Refusals are few among all else.
    index('audit_log_refused').on(table.at, table.position).where(sql`action like '%.refused'`),
  ],
);

/** Up to where each service's outbox was read. */
export const auditCursors = schema.table('audit_cursors', {
  service: text().primaryKey(),
  epoch: text().notNull(),
  position: bigint({ mode: 'number' }).notNull(),
});

/** The processes of this service, as they tell of themselves. */
export const processes = processesTable(schema);
