CREATE TABLE "devices"."default_time_zone" (
	"id" integer PRIMARY KEY NOT NULL,
	"time_zone" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "fida"."hours_of_operation" (
	"device_id" text PRIMARY KEY NOT NULL,
	"weekly" jsonb NOT NULL,
	"exceptions" jsonb NOT NULL,
	"set_at" timestamp (3) with time zone NOT NULL,
	"switched_through" timestamp (3) with time zone NOT NULL,
	"next_at" timestamp (3) with time zone,
	"next_power" text,
	"time_zone" text NOT NULL,
	"time_zone_rules" text NOT NULL,
	"change_id" text
);
--> statement-breakpoint
CREATE TABLE "history"."known_statuses" (
	"device_id" text PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"status" text NOT NULL,
	"blind" boolean NOT NULL
);
--> statement-breakpoint
ALTER TABLE "fida"."displays" ADD COLUMN "settings_read_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "hours_of_operation_next" ON "fida"."hours_of_operation" USING btree ("next_at");--> statement-breakpoint
CREATE INDEX "hours_of_operation_change" ON "fida"."hours_of_operation" USING btree ("change_id") WHERE change_id is not null;--> statement-breakpoint
CREATE INDEX "settings_changes_open" ON "fida"."settings_changes" USING btree ("subject","settings_version") WHERE state in ('PENDING', 'SENDING');