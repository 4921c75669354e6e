CREATE TABLE "accounts"."processes" (
	"id" text PRIMARY KEY NOT NULL,
	"role" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"stopped_at" timestamp (3) with time zone,
	"version" text NOT NULL,
	"revision" text,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"sweep" jsonb,
	"queues" jsonb
);
--> statement-breakpoint
CREATE TABLE "appspace"."processes" (
	"id" text PRIMARY KEY NOT NULL,
	"role" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"stopped_at" timestamp (3) with time zone,
	"version" text NOT NULL,
	"revision" text,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"sweep" jsonb,
	"queues" jsonb
);
--> statement-breakpoint
CREATE TABLE "devices"."processes" (
	"id" text PRIMARY KEY NOT NULL,
	"role" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"stopped_at" timestamp (3) with time zone,
	"version" text NOT NULL,
	"revision" text,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"sweep" jsonb,
	"queues" jsonb
);
--> statement-breakpoint
CREATE TABLE "entertainment"."processes" (
	"id" text PRIMARY KEY NOT NULL,
	"role" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"stopped_at" timestamp (3) with time zone,
	"version" text NOT NULL,
	"revision" text,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"sweep" jsonb,
	"queues" jsonb
);
--> statement-breakpoint
CREATE TABLE "fida"."processes" (
	"id" text PRIMARY KEY NOT NULL,
	"role" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"stopped_at" timestamp (3) with time zone,
	"version" text NOT NULL,
	"revision" text,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"sweep" jsonb,
	"queues" jsonb
);
--> statement-breakpoint
CREATE TABLE "history"."processes" (
	"id" text PRIMARY KEY NOT NULL,
	"role" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"stopped_at" timestamp (3) with time zone,
	"version" text NOT NULL,
	"revision" text,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"sweep" jsonb,
	"queues" jsonb
);
--> statement-breakpoint
CREATE TABLE "qsys"."processes" (
	"id" text PRIMARY KEY NOT NULL,
	"role" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"stopped_at" timestamp (3) with time zone,
	"version" text NOT NULL,
	"revision" text,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"sweep" jsonb,
	"queues" jsonb
);
