CREATE TABLE "appspace"."audit_outbox" (
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
CREATE TABLE "entertainment"."audit_outbox" (
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
CREATE TABLE "history"."audit_outbox" (
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
CREATE TABLE "history"."log_counters" (
	"log" text PRIMARY KEY NOT NULL,
	"epoch" text NOT NULL,
	"position" bigint NOT NULL,
	"floor" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "accounts"."access_log" ADD COLUMN "rights_version" integer;--> statement-breakpoint
ALTER TABLE "accounts"."users" ADD COLUMN "rights_version" integer DEFAULT 0 NOT NULL;