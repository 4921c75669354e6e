CREATE SCHEMA "history";
--> statement-breakpoint
CREATE TABLE "devices"."sample_metrics" (
	"name" text PRIMARY KEY NOT NULL,
	"unit" text
);
--> statement-breakpoint
CREATE TABLE "devices"."sample_runs" (
	"hour" timestamp (3) with time zone PRIMARY KEY NOT NULL,
	"sampled_at" timestamp (3) with time zone NOT NULL,
	"samples" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "devices"."samples" (
	"position" bigint PRIMARY KEY NOT NULL,
	"subject" text NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"sampled_at" timestamp (3) with time zone NOT NULL,
	"metrics" jsonb NOT NULL,
	"attributes" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "fida"."log_counters" (
	"log" text PRIMARY KEY NOT NULL,
	"epoch" text NOT NULL,
	"position" bigint NOT NULL,
	"floor" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "fida"."sample_metrics" (
	"name" text PRIMARY KEY NOT NULL,
	"unit" text
);
--> statement-breakpoint
CREATE TABLE "fida"."sample_runs" (
	"hour" timestamp (3) with time zone PRIMARY KEY NOT NULL,
	"sampled_at" timestamp (3) with time zone NOT NULL,
	"samples" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "fida"."samples" (
	"position" bigint PRIMARY KEY NOT NULL,
	"subject" text NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"sampled_at" timestamp (3) with time zone NOT NULL,
	"metrics" jsonb NOT NULL,
	"attributes" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "fida"."settings_change_events" (
	"position" bigint PRIMARY KEY NOT NULL,
	"change_id" text NOT NULL,
	"subject" text NOT NULL,
	"state" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "fida"."settings_changes" (
	"id" text PRIMARY KEY NOT NULL,
	"subject" text NOT NULL,
	"settings_version" integer NOT NULL,
	"state" text NOT NULL,
	"wanted" jsonb NOT NULL,
	"expected" jsonb,
	"before" jsonb,
	"read_back" jsonb,
	"code" text,
	"detail" text,
	"actor" text NOT NULL,
	"reason" text,
	"idempotency_key" text,
	"payload_hash" text,
	"undoes" text,
	"requested_at" timestamp (3) with time zone NOT NULL,
	"sent_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"lease_until" timestamp (3) with time zone,
	"lease_token" text
);
--> statement-breakpoint
CREATE TABLE "fida"."settings_versions" (
	"subject" text PRIMARY KEY NOT NULL,
	"version" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "history"."archived_day_services" (
	"day" date NOT NULL,
	"service" text NOT NULL,
	"samples" bigint NOT NULL,
	"missing_hours" integer[] NOT NULL,
	CONSTRAINT "archived_day_services_day_service_pk" PRIMARY KEY("day","service")
);
--> statement-breakpoint
CREATE TABLE "history"."archived_days" (
	"day" date PRIMARY KEY NOT NULL,
	"sealed_at" timestamp (3) with time zone,
	"not_sealed_because" text[] NOT NULL,
	"sealed_by" text,
	"seal_reason" text
);
--> statement-breakpoint
CREATE TABLE "history"."archived_samples" (
	"device_id" text NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"layout_id" integer NOT NULL,
	"sampled_at" timestamp (3) with time zone NOT NULL,
	"values" double precision[] NOT NULL,
	"attributes" jsonb NOT NULL,
	CONSTRAINT "archived_samples_device_id_hour_layout_id_pk" PRIMARY KEY("device_id","hour","layout_id")
) PARTITION BY RANGE ("hour");
--> statement-breakpoint
CREATE TABLE "history"."daily_rollups" (
	"device_id" text NOT NULL,
	"day" date NOT NULL,
	"layout_id" integer NOT NULL,
	"counts" integer[] NOT NULL,
	"means" double precision[] NOT NULL,
	"mins" double precision[] NOT NULL,
	"maxs" double precision[] NOT NULL,
	"lasts" double precision[] NOT NULL,
	CONSTRAINT "daily_rollups_device_id_day_layout_id_pk" PRIMARY KEY("device_id","day","layout_id")
) PARTITION BY RANGE ("day");
--> statement-breakpoint
CREATE TABLE "history"."daily_statuses" (
	"device_id" text NOT NULL,
	"day" date NOT NULL,
	"site" text NOT NULL,
	"system" text NOT NULL,
	"online_seconds" double precision NOT NULL,
	"degraded_seconds" double precision NOT NULL,
	"offline_seconds" double precision NOT NULL,
	"unknown_seconds" double precision NOT NULL,
	"blind_seconds" double precision NOT NULL,
	CONSTRAINT "daily_statuses_device_id_day_site_pk" PRIMARY KEY("device_id","day","site")
) PARTITION BY RANGE ("day");
--> statement-breakpoint
CREATE TABLE "history"."gather_cursors" (
	"source" text PRIMARY KEY NOT NULL,
	"epoch" text NOT NULL,
	"position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "history"."layouts" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "history"."layouts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"service" text NOT NULL,
	"names" text[] NOT NULL
);
--> statement-breakpoint
CREATE TABLE "history"."metrics" (
	"service" text NOT NULL,
	"name" text NOT NULL,
	"unit" text,
	CONSTRAINT "metrics_service_name_pk" PRIMARY KEY("service","name")
);
--> statement-breakpoint
-- What the entries were before this version is not known: older rows get what they are.
ALTER TABLE "devices"."registry_log" ADD COLUMN "name" text, ADD COLUMN "system" text, ADD COLUMN "site" text, ADD COLUMN "removed" boolean, ADD COLUMN "actor" text;--> statement-breakpoint
UPDATE "devices"."registry_log" AS "row" SET "name" = "entry"."name", "system" = "entry"."system", "site" = "entry"."site", "removed" = ("entry"."removed_at" IS NOT NULL AND "row"."version" = "entry"."version"), "actor" = 'anonymous' FROM "devices"."devices" AS "entry" WHERE "entry"."id" = "row"."device_id";--> statement-breakpoint
ALTER TABLE "devices"."registry_log" ALTER COLUMN "name" SET NOT NULL, ALTER COLUMN "system" SET NOT NULL, ALTER COLUMN "site" SET NOT NULL, ALTER COLUMN "removed" SET NOT NULL, ALTER COLUMN "actor" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "devices"."status_changes" ADD COLUMN "blind" boolean DEFAULT false NOT NULL;--> statement-breakpoint
UPDATE "devices"."status_changes" SET "blind" = true WHERE "to" = 'UNKNOWN' AND "reason" LIKE 'nobody looked at it %';--> statement-breakpoint
-- The targets are read anew from the registry, which tells their places now.
TRUNCATE "fida"."targets", "fida"."feed_cursors";--> statement-breakpoint
ALTER TABLE "fida"."targets" ADD COLUMN "site" text NOT NULL;--> statement-breakpoint
ALTER TABLE "fida"."targets" ADD COLUMN "time_zone" text NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "samples_subject_hour" ON "devices"."samples" USING btree ("subject","hour");--> statement-breakpoint
CREATE UNIQUE INDEX "samples_subject_hour" ON "fida"."samples" USING btree ("subject","hour");--> statement-breakpoint
CREATE UNIQUE INDEX "settings_changes_version" ON "fida"."settings_changes" USING btree ("subject","settings_version");--> statement-breakpoint
CREATE UNIQUE INDEX "settings_changes_idempotency" ON "fida"."settings_changes" USING btree ("actor","idempotency_key");--> statement-breakpoint
CREATE INDEX "settings_changes_at" ON "fida"."settings_changes" USING btree ("subject","requested_at");--> statement-breakpoint
CREATE UNIQUE INDEX "layouts_names" ON "history"."layouts" USING btree ("service","names");--> statement-breakpoint
CREATE INDEX "status_changes_at" ON "devices"."status_changes" USING btree ("at");--> statement-breakpoint
CREATE INDEX "status_changes_device_at" ON "devices"."status_changes" USING btree ("device_id","at");