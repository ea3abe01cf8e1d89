CREATE TABLE "app"."passage" (
	"content_hash" text,
	"row" integer,
	"text" text NOT NULL,
	"search" tsvector GENERATED ALWAYS AS (to_tsvector('english', "text")) STORED NOT NULL,
	CONSTRAINT "passage_pkey" PRIMARY KEY("content_hash","row"),
	CONSTRAINT "passage_row_is_natural" CHECK ("row" >= 0)
);
--> statement-breakpoint
CREATE TABLE "app"."passage_source" (
	"content_hash" text PRIMARY KEY,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "passage_source_content_is_hash" CHECK ("content_hash" ~ '^0x[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "app"."retrieved_passage" (
	"request_id" text,
	"place" integer,
	"datanet_id" numeric(78,0) NOT NULL,
	"contribution_id" numeric(78,0) NOT NULL,
	"content_hash" text NOT NULL,
	"row" integer NOT NULL,
	CONSTRAINT "retrieved_passage_pkey" PRIMARY KEY("request_id","place"),
	CONSTRAINT "retrieved_passage_content_is_hash" CHECK ("content_hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "retrieved_passage_place_is_natural" CHECK ("place" >= 0),
	CONSTRAINT "retrieved_passage_row_is_natural" CHECK ("row" >= 0)
);
--> statement-breakpoint
CREATE INDEX "passage_search_idx" ON "app"."passage" USING gin ("search");--> statement-breakpoint
CREATE INDEX "retrieved_passage_contribution_idx" ON "app"."retrieved_passage" ("contribution_id","request_id");--> statement-breakpoint
ALTER TABLE "app"."passage" ADD CONSTRAINT "passage_content_hash_passage_source_content_hash_fkey" FOREIGN KEY ("content_hash") REFERENCES "app"."passage_source"("content_hash") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."passage_source" ADD CONSTRAINT "passage_source_content_hash_content_hash_fkey" FOREIGN KEY ("content_hash") REFERENCES "app"."content"("hash") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."retrieved_passage" ADD CONSTRAINT "retrieved_passage_request_id_inference_record_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "app"."inference_record"("request_id") ON DELETE CASCADE;