CREATE SCHEMA "accounts";
--> statement-breakpoint
CREATE TABLE "accounts"."access_log" (
	"position" bigint PRIMARY KEY NOT NULL,
	"sub" text,
	"sid" text,
	"before" timestamp (3) with time zone NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "accounts"."api_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"name" text NOT NULL,
	"secret_hash" text NOT NULL,
	"scopes" text[] NOT NULL,
	"sites" text[],
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"last_used_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "accounts"."audit_cursors" (
	"service" text PRIMARY KEY NOT NULL,
	"epoch" text NOT NULL,
	"position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "accounts"."audit_log" (
	"position" bigint PRIMARY KEY NOT NULL,
	"service" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"sub" text,
	"action" text NOT NULL,
	"target" text,
	"site" text,
	"before" jsonb,
	"after" jsonb,
	"reason" text,
	"origin" text
);
--> statement-breakpoint
CREATE TABLE "accounts"."audit_outbox" (
	"position" bigint PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"sub" text,
	"action" text NOT NULL,
	"target" text,
	"site" text,
	"before" jsonb,
	"after" jsonb,
	"reason" text,
	"origin" text
);
--> statement-breakpoint
CREATE TABLE "accounts"."grants" (
	"user_id" text NOT NULL,
	"role" text NOT NULL,
	"site" text,
	CONSTRAINT "grants_once" UNIQUE NULLS NOT DISTINCT("user_id","role","site")
);
--> statement-breakpoint
CREATE TABLE "accounts"."invitations" (
	"id" text PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"secret_hash" text NOT NULL,
	"grants" jsonb NOT NULL,
	"invited_by" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "accounts"."known_addresses" (
	"user_id" text NOT NULL,
	"address" text NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "known_addresses_user_id_address_pk" PRIMARY KEY("user_id","address")
);
--> statement-breakpoint
CREATE TABLE "accounts"."log_counters" (
	"log" text PRIMARY KEY NOT NULL,
	"epoch" text NOT NULL,
	"position" bigint NOT NULL,
	"floor" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "accounts"."sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"family_hash" text NOT NULL,
	"token_hash" text NOT NULL,
	"previous_hash" text,
	"rotated_at" timestamp (3) with time zone NOT NULL,
	"rotations" integer DEFAULT 0 NOT NULL,
	"origin" text,
	"ended_at" timestamp (3) with time zone,
	"end_reason" text
);
--> statement-breakpoint
CREATE TABLE "accounts"."sign_in_attempts" (
	"key" text PRIMARY KEY NOT NULL,
	"failures" integer NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL,
	"blocked_until" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "accounts"."signing_keys" (
	"kid" text PRIMARY KEY NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"sealed" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"signs_from" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "accounts"."users" (
	"id" text PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"password_hash" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"disabled_at" timestamp (3) with time zone,
	"last_signed_in_at" timestamp (3) with time zone,
	CONSTRAINT "users_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE INDEX "api_keys_user" ON "accounts"."api_keys" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "audit_log_at" ON "accounts"."audit_log" USING btree ("at","position");--> statement-breakpoint
CREATE INDEX "audit_log_actor" ON "accounts"."audit_log" USING btree ("actor","at","position");--> statement-breakpoint
CREATE INDEX "audit_log_action" ON "accounts"."audit_log" USING btree ("action","at","position");--> statement-breakpoint
CREATE INDEX "audit_log_target" ON "accounts"."audit_log" USING btree ("target","at","position");--> statement-breakpoint
CREATE INDEX "sessions_live" ON "accounts"."sessions" USING btree ("user_id") WHERE ended_at is null;