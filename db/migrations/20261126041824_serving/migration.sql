CREATE TABLE "app"."inference_ticket" (
	"hash" text PRIMARY KEY,
	"genesis_hash" text NOT NULL,
	"account" text NOT NULL,
	"api_key_id" uuid,
	"worker" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inference_ticket_hash_is_hash" CHECK ("hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "inference_ticket_account_is_address" CHECK ("account" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "inference_ticket_worker_is_address" CHECK ("worker" ~ '^0x[0-9a-f]{40}$')
);
--> statement-breakpoint
CREATE TABLE "app"."worker_adapter" (
	"genesis_hash" text,
	"worker" text,
	"model_id" numeric(78,0),
	"model_version" integer,
	"adapter_hash" text NOT NULL,
	"state" text NOT NULL,
	"pinned" boolean DEFAULT false NOT NULL,
	"bytes" bigint DEFAULT 0 NOT NULL,
	"running" integer DEFAULT 0 NOT NULL,
	"fetch_ms" integer,
	"load_ms" integer,
	"last_used_at" timestamp with time zone,
	"error" text,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "worker_adapter_pkey" PRIMARY KEY("genesis_hash","worker","model_id","model_version"),
	CONSTRAINT "worker_adapter_hash_is_hash" CHECK ("adapter_hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "worker_adapter_state_is_known" CHECK ("state" in ('known', 'fetching', 'stored', 'loading', 'loaded', 'failed')),
	CONSTRAINT "worker_adapter_bytes_is_natural" CHECK ("bytes" >= 0),
	CONSTRAINT "worker_adapter_running_is_natural" CHECK ("running" >= 0),
	CONSTRAINT "worker_adapter_failure_is_explained" CHECK ("state" <> 'failed' or "error" is not null)
);
--> statement-breakpoint
ALTER TABLE "app"."inference_record" ADD COLUMN "adapter_hash" text;--> statement-breakpoint
ALTER TABLE "app"."inference_record" ADD COLUMN "finish_reason" text;--> statement-breakpoint
CREATE INDEX "inference_ticket_expiry_idx" ON "app"."inference_ticket" ("expires_at");--> statement-breakpoint
CREATE INDEX "worker_adapter_model_idx" ON "app"."worker_adapter" ("genesis_hash","model_id","model_version","state");--> statement-breakpoint
ALTER TABLE "app"."inference_ticket" ADD CONSTRAINT "inference_ticket_genesis_hash_deployment_genesis_hash_fkey" FOREIGN KEY ("genesis_hash") REFERENCES "app"."deployment"("genesis_hash") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."inference_ticket" ADD CONSTRAINT "inference_ticket_api_key_id_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "app"."api_key"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."worker_adapter" ADD CONSTRAINT "worker_adapter_genesis_hash_deployment_genesis_hash_fkey" FOREIGN KEY ("genesis_hash") REFERENCES "app"."deployment"("genesis_hash") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."worker_adapter" ADD CONSTRAINT "worker_adapter_O8zAio6CeQ83_fkey" FOREIGN KEY ("genesis_hash","worker") REFERENCES "app"."worker"("genesis_hash","address") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."inference_record" ADD CONSTRAINT "inference_record_adapter_is_hash" CHECK ("adapter_hash" ~ '^0x[0-9a-f]{64}$');