CREATE TABLE "app"."chat_cooldown" (
	"platform" text,
	"platform_user_id" text,
	"what" text,
	"until" timestamp with time zone NOT NULL,
	CONSTRAINT "chat_cooldown_pkey" PRIMARY KEY("platform","platform_user_id","what"),
	CONSTRAINT "chat_cooldown_platform_is_known" CHECK ("platform" in ('discord', 'telegram', 'terminal'))
);
--> statement-breakpoint
CREATE TABLE "app"."chat_cursor" (
	"name" text PRIMARY KEY,
	"cursor" text NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "app"."chat_dialog" (
	"platform" text,
	"place_id" text,
	"platform_user_id" text,
	"sealed" bytea NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "chat_dialog_pkey" PRIMARY KEY("platform","place_id","platform_user_id"),
	CONSTRAINT "chat_dialog_platform_is_known" CHECK ("platform" in ('discord', 'telegram', 'terminal'))
);
--> statement-breakpoint
CREATE TABLE "app"."chat_key" (
	"platform" text,
	"platform_user_id" text,
	"account" text NOT NULL,
	"sealed_token" bytea NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "chat_key_pkey" PRIMARY KEY("platform","platform_user_id"),
	CONSTRAINT "chat_key_platform_is_known" CHECK ("platform" in ('discord', 'telegram', 'terminal')),
	CONSTRAINT "chat_key_account_is_address" CHECK ("account" ~ '^0x[0-9a-f]{40}$')
);
--> statement-breakpoint
CREATE TABLE "app"."chat_subscription" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "app"."chat_subscription_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"platform" text NOT NULL,
	"recipient" text NOT NULL,
	"platform_user_id" text,
	"topic" text NOT NULL,
	"locale" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "chat_subscription_once" UNIQUE NULLS NOT DISTINCT("platform","recipient","topic","platform_user_id"),
	CONSTRAINT "chat_subscription_platform_is_known" CHECK ("platform" in ('discord', 'telegram', 'terminal')),
	CONSTRAINT "chat_subscription_topic_is_known" CHECK ("topic" in ('rewards', 'contributions', 'governance'))
);
--> statement-breakpoint
CREATE TABLE "app"."chat_update" (
	"platform" text,
	"update_id" text,
	"sealed" bytea,
	"attempts" integer DEFAULT 0 NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"taken_at" timestamp with time zone,
	"done_at" timestamp with time zone,
	CONSTRAINT "chat_update_pkey" PRIMARY KEY("platform","update_id"),
	CONSTRAINT "chat_update_platform_is_known" CHECK ("platform" in ('discord', 'telegram', 'terminal')),
	CONSTRAINT "chat_update_attempts_is_natural" CHECK ("attempts" >= 0),
	CONSTRAINT "chat_update_is_forgotten_when_done" CHECK (("done_at" is null) = ("sealed" is not null))
);
--> statement-breakpoint
CREATE INDEX "chat_cooldown_until_idx" ON "app"."chat_cooldown" ("until");--> statement-breakpoint
CREATE INDEX "chat_dialog_expires_idx" ON "app"."chat_dialog" ("expires_at");--> statement-breakpoint
CREATE INDEX "chat_subscription_user_idx" ON "app"."chat_subscription" ("platform","platform_user_id");--> statement-breakpoint
CREATE INDEX "chat_subscription_topic_idx" ON "app"."chat_subscription" ("topic","id");--> statement-breakpoint
CREATE INDEX "chat_update_open_idx" ON "app"."chat_update" ("platform","received_at") WHERE "done_at" is null;--> statement-breakpoint
CREATE INDEX "chat_update_done_idx" ON "app"."chat_update" ("done_at");--> statement-breakpoint
ALTER TABLE "app"."chat_consent" DROP CONSTRAINT "chat_consent_platform_is_known", ADD CONSTRAINT "chat_consent_platform_is_known" CHECK ("platform" in ('discord', 'telegram', 'terminal'));--> statement-breakpoint
ALTER TABLE "app"."chat_link" DROP CONSTRAINT "chat_link_platform_is_known", ADD CONSTRAINT "chat_link_platform_is_known" CHECK ("platform" in ('discord', 'telegram', 'terminal'));--> statement-breakpoint
ALTER TABLE "app"."chat_link_request" DROP CONSTRAINT "chat_link_request_platform_is_known", ADD CONSTRAINT "chat_link_request_platform_is_known" CHECK ("platform" in ('discord', 'telegram', 'terminal'));