CREATE TABLE "app"."webhook" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	"genesis_hash" text NOT NULL,
	"account" text NOT NULL,
	"url" text NOT NULL,
	"events" text[] NOT NULL,
	"filter" jsonb,
	"finality" text NOT NULL,
	"secret" bytea NOT NULL,
	"previous_secret" bytea,
	"previous_secret_until" timestamp with time zone,
	"state" text DEFAULT 'active' NOT NULL,
	"disabled_reason" text,
	"cursor" text NOT NULL,
	"generation" integer DEFAULT 0 NOT NULL,
	"failing_since" timestamp with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"paused_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "webhook_account_is_address" CHECK ("account" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "webhook_state_is_known" CHECK ("state" in ('active', 'disabled')),
	CONSTRAINT "webhook_finality_is_known" CHECK ("finality" in ('LATEST', 'FINAL')),
	CONSTRAINT "webhook_generation_is_natural" CHECK ("generation" >= 0),
	CONSTRAINT "webhook_failures_is_natural" CHECK ("failures" >= 0),
	CONSTRAINT "webhook_url_is_short" CHECK (length("url") between 1 and 2048),
	CONSTRAINT "webhook_disabled_is_explained" CHECK (("state" = 'disabled') = ("disabled_reason" is not null)),
	CONSTRAINT "webhook_previous_secret_ends" CHECK (("previous_secret" is null) = ("previous_secret_until" is null)),
	CONSTRAINT "webhook_failing_is_dated" CHECK (("failures" > 0) = ("failing_since" is not null))
);
--> statement-breakpoint
ALTER TABLE "app"."outbox_message" ADD COLUMN "webhook_id" uuid;--> statement-breakpoint
ALTER TABLE "app"."outbox_message" ADD COLUMN "response_status" integer;--> statement-breakpoint
CREATE INDEX "outbox_message_webhook_idx" ON "app"."outbox_message" ("webhook_id","id");--> statement-breakpoint
CREATE INDEX "outbox_message_webhook_open_idx" ON "app"."outbox_message" ("webhook_id","id") WHERE "state" in ('pending', 'sending');--> statement-breakpoint
CREATE INDEX "webhook_account_idx" ON "app"."webhook" ("genesis_hash","account","created_at");--> statement-breakpoint
CREATE INDEX "webhook_active_idx" ON "app"."webhook" ("genesis_hash","id") WHERE "state" = 'active';--> statement-breakpoint
ALTER TABLE "app"."outbox_message" ADD CONSTRAINT "outbox_message_webhook_id_webhook_id_fkey" FOREIGN KEY ("webhook_id") REFERENCES "app"."webhook"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."webhook" ADD CONSTRAINT "webhook_genesis_hash_deployment_genesis_hash_fkey" FOREIGN KEY ("genesis_hash") REFERENCES "app"."deployment"("genesis_hash") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."outbox_message" ADD CONSTRAINT "outbox_message_only_webhooks_name_one" CHECK ("webhook_id" is null or "channel" = 'webhook');