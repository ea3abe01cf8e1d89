ALTER TABLE "app"."chat_link" ADD COLUMN "sealed_name" bytea NOT NULL;--> statement-breakpoint
ALTER TABLE "app"."chat_link" ADD COLUMN "api_key_id" uuid;--> statement-breakpoint
ALTER TABLE "app"."chat_link_request" ADD COLUMN "claim_hash" text NOT NULL;--> statement-breakpoint
ALTER TABLE "app"."chat_link_request" ADD COLUMN "sealed_name" bytea NOT NULL;--> statement-breakpoint
ALTER TABLE "app"."chat_link_request" ADD COLUMN "signed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "app"."chat_link_request" ADD COLUMN "refused_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "app"."chat_link_request" ADD CONSTRAINT "chat_link_request_claim_hash_key" UNIQUE("claim_hash");--> statement-breakpoint
ALTER TABLE "app"."chat_link" ADD CONSTRAINT "chat_link_api_key_id_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "app"."api_key"("id") ON DELETE SET NULL;--> statement-breakpoint
ALTER TABLE "app"."chat_link_request" ADD CONSTRAINT "chat_link_request_claim_is_hash" CHECK ("claim_hash" ~ '^0x[0-9a-f]{64}$');--> statement-breakpoint
ALTER TABLE "app"."chat_link_request" ADD CONSTRAINT "chat_link_request_is_signed_whole" CHECK (("account" is null) = ("signed_at" is null));--> statement-breakpoint
ALTER TABLE "app"."chat_link_request" ADD CONSTRAINT "chat_link_request_is_signed_first" CHECK ("used_at" is null or "signed_at" is not null);--> statement-breakpoint
ALTER TABLE "app"."chat_link_request" ADD CONSTRAINT "chat_link_request_ends_once" CHECK (num_nonnulls("used_at", "refused_at") < 2);--> statement-breakpoint
ALTER TABLE "app"."api_key" DROP CONSTRAINT "api_key_scopes_are_known", ADD CONSTRAINT "api_key_scopes_are_known" CHECK (cardinality("scopes") > 0 and "scopes" <@ array['read', 'contribute', 'review', 'infer', 'admin', 'chat']::text[]);