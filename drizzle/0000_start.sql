CREATE SCHEMA "devices";
--> statement-breakpoint
CREATE SCHEMA "fida";
--> statement-breakpoint
CREATE TABLE "devices"."device_parents" (
	"device_id" text NOT NULL,
	"parent_id" text NOT NULL,
	CONSTRAINT "device_parents_device_id_parent_id_pk" PRIMARY KEY("device_id","parent_id")
);
--> statement-breakpoint
CREATE TABLE "devices"."device_statuses" (
	"device_id" text PRIMARY KEY NOT NULL,
	"status" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"reason" text,
	"observed_at" timestamp (3) with time zone,
	"slot" timestamp (3) with time zone,
	"misses" integer NOT NULL,
	"answers" integer NOT NULL,
	"look_problem" text
);
--> statement-breakpoint
CREATE TABLE "devices"."devices" (
	"id" text PRIMARY KEY NOT NULL,
	"external_id" text,
	"name" text NOT NULL,
	"system" text NOT NULL,
	"site" text NOT NULL,
	"address" text,
	"tags" text[] NOT NULL,
	"connection" jsonb NOT NULL,
	"sealed" text,
	"version" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"removed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "devices"."log_counters" (
	"log" text PRIMARY KEY NOT NULL,
	"epoch" text NOT NULL,
	"position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "devices"."registry_log" (
	"position" bigint PRIMARY KEY NOT NULL,
	"device_id" text NOT NULL,
	"version" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "devices"."sites" (
	"path" text PRIMARY KEY NOT NULL,
	"time_zone" text
);
--> statement-breakpoint
CREATE TABLE "devices"."status_changes" (
	"position" bigint PRIMARY KEY NOT NULL,
	"device_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"from" text NOT NULL,
	"to" text NOT NULL,
	"reason" text
);
--> statement-breakpoint
CREATE TABLE "fida"."displays" (
	"device_id" text PRIMARY KEY NOT NULL,
	"slot" timestamp (3) with time zone NOT NULL,
	"looked_at" timestamp (3) with time zone NOT NULL,
	"look_problem" text,
	"measured_at" timestamp (3) with time zone,
	"round_trip_ms" double precision,
	"profile" text,
	"power" text,
	"brightness_percent" double precision,
	"temperature_celsius" double precision,
	"input_source" text,
	"signal_present" boolean,
	"backlight_hours" double precision,
	"ambient_light_lux" double precision,
	"model" text,
	"serial_number" text,
	"firmware" text,
	"problems" text[]
);
--> statement-breakpoint
CREATE TABLE "fida"."feed_cursors" (
	"feed" text PRIMARY KEY NOT NULL,
	"cursor" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "fida"."targets" (
	"device_id" text PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"removed" boolean NOT NULL,
	"connection" jsonb NOT NULL,
	"sealed" text
);
--> statement-breakpoint
CREATE INDEX "device_statuses_freshness" ON "devices"."device_statuses" USING btree ("observed_at") WHERE status <> 'UNKNOWN';--> statement-breakpoint
CREATE INDEX "devices_order" ON "devices"."devices" USING btree ("site","name","id");--> statement-breakpoint
CREATE UNIQUE INDEX "devices_external_id" ON "devices"."devices" USING btree ("external_id") WHERE removed_at is null;--> statement-breakpoint
CREATE INDEX "registry_log_device" ON "devices"."registry_log" USING btree ("device_id","position");--> statement-breakpoint
CREATE INDEX "status_changes_device" ON "devices"."status_changes" USING btree ("device_id","position");