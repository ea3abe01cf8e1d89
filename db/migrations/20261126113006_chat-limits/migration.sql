CREATE TABLE "app"."chat_limit" (
	"key" text PRIMARY KEY,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "chat_limit_until_idx" ON "app"."chat_limit" ("until");