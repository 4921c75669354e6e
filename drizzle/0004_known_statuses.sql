CREATE TABLE "history"."known_statuses" (
	"device_id" text PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"status" text NOT NULL,
	"blind" boolean NOT NULL
);
