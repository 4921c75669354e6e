CREATE SCHEMA "appspace";
--> statement-breakpoint
CREATE TABLE "appspace"."feed_cursors" (
	"feed" text PRIMARY KEY NOT NULL,
	"cursor" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "appspace"."listed_players" (
	"appspace_id" text PRIMARY KEY NOT NULL,
	"listed_at" timestamp (3) with time zone NOT NULL,
	"name" text,
	"state" text,
	"device_type" text,
	"location_name" text,
	"channel_name" text,
	"player_version" text,
	"last_contact_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "appspace"."log_counters" (
	"log" text PRIMARY KEY NOT NULL,
	"epoch" text NOT NULL,
	"position" bigint NOT NULL,
	"floor" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "appspace"."players" (
	"device_id" text PRIMARY KEY NOT NULL,
	"slot" timestamp (3) with time zone NOT NULL,
	"looked_at" timestamp (3) with time zone NOT NULL,
	"look_problem" text,
	"measured_at" timestamp (3) with time zone,
	"name" text,
	"state" text,
	"device_type" text,
	"location_name" text,
	"channel_name" text,
	"player_version" text,
	"last_contact_at" timestamp (3) with time zone,
	"on_air" boolean
);
--> statement-breakpoint
CREATE TABLE "appspace"."sample_metrics" (
	"name" text PRIMARY KEY NOT NULL,
	"unit" text
);
--> statement-breakpoint
CREATE TABLE "appspace"."sample_runs" (
	"hour" timestamp (3) with time zone PRIMARY KEY NOT NULL,
	"sampled_at" timestamp (3) with time zone NOT NULL,
	"samples" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "appspace"."sample_settings" (
	"name" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "appspace"."samples" (
	"position" bigint PRIMARY KEY NOT NULL,
	"subject" text NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"sampled_at" timestamp (3) with time zone NOT NULL,
	"metrics" jsonb NOT NULL,
	"attributes" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "appspace"."targets" (
	"device_id" text PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"removed" boolean NOT NULL,
	"site" text NOT NULL,
	"time_zone" text NOT NULL,
	"connection" jsonb NOT NULL,
	"sealed" text
);
--> statement-breakpoint
CREATE UNIQUE INDEX "samples_subject_hour" ON "appspace"."samples" USING btree ("subject","hour");