CREATE SCHEMA "app";
--> statement-breakpoint
CREATE TABLE "app"."content" (
	"hash" text PRIMARY KEY,
	"media_type" text NOT NULL,
	"size" bigint NOT NULL,
	"body" bytea,
	"provenance" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"erased_at" timestamp with time zone,
	CONSTRAINT "content_hash_is_hash" CHECK ("hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "content_is_erased_or_whole" CHECK (("body" is null) = ("erased_at" is not null))
);
--> statement-breakpoint
CREATE INDEX "content_created_idx" ON "app"."content" ("created_at","hash");