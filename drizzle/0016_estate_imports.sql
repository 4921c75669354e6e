CREATE TABLE "devices"."estate_imports" (
	"id" text PRIMARY KEY NOT NULL,
	"sub" text NOT NULL,
	"idempotency_key" text,
	"sealed" text,
	"made_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"done_at" timestamp (3) with time zone,
	"outcome" jsonb
);
--> statement-breakpoint
CREATE UNIQUE INDEX "estate_imports_key" ON "devices"."estate_imports" USING btree ("sub","idempotency_key");