CREATE TABLE "devices"."audit_outbox" (
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
CREATE TABLE "fida"."audit_outbox" (
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
CREATE TABLE "qsys"."audit_outbox" (
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
