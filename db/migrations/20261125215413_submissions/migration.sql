CREATE TABLE "app"."submission" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "app"."submission_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"genesis_hash" text NOT NULL,
	"verdict_id" bigint NOT NULL UNIQUE,
	"datanet_id" numeric(78,0) NOT NULL,
	"contributor" text NOT NULL,
	"content_hash" text NOT NULL,
	"uri" text NOT NULL,
	"license" text NOT NULL,
	"rows" bigint NOT NULL,
	"signature" text,
	"deadline" numeric(78,0),
	"relay_key" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "submission_contributor_is_address" CHECK ("contributor" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "submission_content_is_hash" CHECK ("content_hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "submission_rows_are_natural" CHECK ("rows" >= 0),
	CONSTRAINT "submission_signature_is_whole" CHECK (("signature" is null) = ("deadline" is null))
);
--> statement-breakpoint
CREATE TABLE "app"."upload" (
	"account" text,
	"hash" text,
	"media_type" text NOT NULL,
	"file_name" text,
	"body" bytea NOT NULL,
	"rows" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "upload_pkey" PRIMARY KEY("account","hash"),
	CONSTRAINT "upload_account_is_address" CHECK ("account" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "upload_hash_is_hash" CHECK ("hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "upload_name_is_short" CHECK (length("file_name") <= 200),
	CONSTRAINT "upload_rows_are_natural" CHECK ("rows" >= 0)
);
--> statement-breakpoint
CREATE INDEX "submission_contributor_idx" ON "app"."submission" ("genesis_hash","contributor","id");--> statement-breakpoint
CREATE INDEX "submission_content_idx" ON "app"."submission" ("genesis_hash","datanet_id","content_hash");--> statement-breakpoint
CREATE INDEX "submission_relay_idx" ON "app"."submission" ("relay_key");--> statement-breakpoint
CREATE INDEX "upload_expires_idx" ON "app"."upload" ("expires_at");--> statement-breakpoint
ALTER TABLE "app"."submission" ADD CONSTRAINT "submission_genesis_hash_deployment_genesis_hash_fkey" FOREIGN KEY ("genesis_hash") REFERENCES "app"."deployment"("genesis_hash") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."submission" ADD CONSTRAINT "submission_verdict_id_intake_verdict_id_fkey" FOREIGN KEY ("verdict_id") REFERENCES "app"."intake_verdict"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."submission" ADD CONSTRAINT "submission_relay_key_relay_idempotency_key_fkey" FOREIGN KEY ("relay_key") REFERENCES "app"."relay"("idempotency_key");