CREATE TABLE "app"."chat_role" (
	"platform_user_id" text PRIMARY KEY,
	"sealed_tokens" bytea NOT NULL,
	"told" text,
	"look_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "chat_role_told_is_hash" CHECK ("told" ~ '^0x[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE INDEX "chat_role_look_idx" ON "app"."chat_role" ("look_at");