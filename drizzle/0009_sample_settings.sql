CREATE TABLE "devices"."sample_settings" (
	"name" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "fida"."sample_settings" (
	"name" text PRIMARY KEY NOT NULL
);
