CREATE SCHEMA "qsys";
--> statement-breakpoint
CREATE TABLE "qsys"."components" (
	"device_id" text NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	CONSTRAINT "components_device_id_name_pk" PRIMARY KEY("device_id","name")
);
--> statement-breakpoint
CREATE TABLE "qsys"."controls" (
	"device_id" text NOT NULL,
	"component" text NOT NULL,
	"name" text NOT NULL,
	"place" integer NOT NULL,
	"type" text NOT NULL,
	"direction" text NOT NULL,
	"min" double precision,
	"max" double precision,
	"value" double precision,
	"string" text,
	"position" double precision,
	"measured_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "controls_device_id_component_name_pk" PRIMARY KEY("device_id","component","name")
);
--> statement-breakpoint
CREATE TABLE "qsys"."cores" (
	"device_id" text PRIMARY KEY NOT NULL,
	"slot" timestamp (3) with time zone NOT NULL,
	"looked_at" timestamp (3) with time zone NOT NULL,
	"look_problem" text,
	"measured_at" timestamp (3) with time zone,
	"round_trip_ms" double precision,
	"platform" text,
	"engine_state" text,
	"design_name" text,
	"design_code" text,
	"is_redundant" boolean,
	"is_emulator" boolean,
	"problems" text[]
);
--> statement-breakpoint
CREATE TABLE "qsys"."designs" (
	"device_id" text PRIMARY KEY NOT NULL,
	"design_code" text NOT NULL,
	"read_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "qsys"."feed_cursors" (
	"feed" text PRIMARY KEY NOT NULL,
	"cursor" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "qsys"."log_counters" (
	"log" text PRIMARY KEY NOT NULL,
	"epoch" text NOT NULL,
	"position" bigint NOT NULL,
	"floor" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "qsys"."sample_metrics" (
	"name" text PRIMARY KEY NOT NULL,
	"unit" text
);
--> statement-breakpoint
CREATE TABLE "qsys"."sample_runs" (
	"hour" timestamp (3) with time zone PRIMARY KEY NOT NULL,
	"sampled_at" timestamp (3) with time zone NOT NULL,
	"samples" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "qsys"."sample_settings" (
	"name" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "qsys"."samples" (
	"position" bigint PRIMARY KEY NOT NULL,
	"subject" text NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"sampled_at" timestamp (3) with time zone NOT NULL,
	"metrics" jsonb NOT NULL,
	"attributes" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "qsys"."settings_change_events" (
	"position" bigint PRIMARY KEY NOT NULL,
	"change_id" text NOT NULL,
	"subject" text NOT NULL,
	"state" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "qsys"."settings_changes" (
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
	"lease_token" text,
	"attempts" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "qsys"."settings_versions" (
	"subject" text PRIMARY KEY NOT NULL,
	"version" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "qsys"."targets" (
	"device_id" text PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"removed" boolean NOT NULL,
	"site" text NOT NULL,
	"time_zone" text NOT NULL,
	"connection" jsonb NOT NULL,
	"sealed" text
);
--> statement-breakpoint
CREATE UNIQUE INDEX "samples_subject_hour" ON "qsys"."samples" USING btree ("subject","hour");--> statement-breakpoint
CREATE UNIQUE INDEX "settings_changes_version" ON "qsys"."settings_changes" USING btree ("subject","settings_version");--> statement-breakpoint
CREATE UNIQUE INDEX "settings_changes_idempotency" ON "qsys"."settings_changes" USING btree ("actor","idempotency_key");--> statement-breakpoint
CREATE INDEX "settings_changes_at" ON "qsys"."settings_changes" USING btree ("subject","requested_at");--> statement-breakpoint
CREATE INDEX "settings_changes_open" ON "qsys"."settings_changes" USING btree ("subject","settings_version") WHERE state in ('PENDING', 'SENDING');