CREATE TABLE "app"."persisted_operation" (
	"hash" text PRIMARY KEY,
	"document" text NOT NULL,
	"account" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "persisted_operation_hash_is_hash" CHECK ("hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "persisted_operation_account_is_address" CHECK ("account" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "persisted_operation_document_is_short" CHECK (length("document") between 1 and 100000)
);
--> statement-breakpoint
CREATE INDEX "persisted_operation_account_idx" ON "app"."persisted_operation" ("account");