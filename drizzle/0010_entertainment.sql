CREATE SCHEMA "entertainment";
--> statement-breakpoint
CREATE TABLE "entertainment"."feed_cursors" (
	"feed" text PRIMARY KEY NOT NULL,
	"cursor" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "entertainment"."log_counters" (
	"log" text PRIMARY KEY NOT NULL,
	"epoch" text NOT NULL,
	"position" bigint NOT NULL,
	"floor" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "entertainment"."pinged" (
	"device_id" text PRIMARY KEY NOT NULL,
	"slot" timestamp (3) with time zone NOT NULL,
	"looked_at" timestamp (3) with time zone NOT NULL,
	"look_problem" text,
	"measured_at" timestamp (3) with time zone,
	"round_trip_time_ms" double precision,
	"loss_ratio" double precision,
	"recent_looks" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "entertainment"."sample_metrics" (
	"name" text PRIMARY KEY NOT NULL,
	"unit" text
);
--> statement-breakpoint
CREATE TABLE "entertainment"."sample_runs" (
	"hour" timestamp (3) with time zone PRIMARY KEY NOT NULL,
	"sampled_at" timestamp (3) with time zone NOT NULL,
	"samples" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "entertainment"."sample_settings" (
	"name" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "entertainment"."samples" (
	"position" bigint PRIMARY KEY NOT NULL,
	"subject" text NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"sampled_at" timestamp (3) with time zone NOT NULL,
	"metrics" jsonb NOT NULL,
	"attributes" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "entertainment"."targets" (
	"device_id" text PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"removed" boolean NOT NULL,
	"site" text NOT NULL,
	"time_zone" text NOT NULL,
	"connection" jsonb NOT NULL,
	"sealed" text
);
--> statement-breakpoint
CREATE UNIQUE INDEX "samples_subject_hour" ON "entertainment"."samples" USING btree ("subject","hour");