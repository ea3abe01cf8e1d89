CREATE TABLE "app"."deployment" (
	"genesis_hash" text PRIMARY KEY,
	"chain_id" bigint NOT NULL,
	"first_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "deployment_genesis_is_hash" CHECK ("genesis_hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "deployment_chain_is_natural" CHECK ("chain_id" >= 0)
);
--> statement-breakpoint
CREATE TABLE "app"."api_key" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	"account" text NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"key_hash" text NOT NULL UNIQUE,
	"scopes" text[] NOT NULL,
	"budget_per_minute" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "api_key_account_is_address" CHECK ("account" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "api_key_hash_is_hash" CHECK ("key_hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "api_key_name_is_short" CHECK (length("name") between 1 and 80),
	CONSTRAINT "api_key_prefix_is_short" CHECK (length("prefix") between 4 and 12),
	CONSTRAINT "api_key_scopes_are_known" CHECK (cardinality("scopes") > 0 and "scopes" <@ array['read', 'contribute', 'review', 'infer', 'admin']::text[]),
	CONSTRAINT "api_key_budget_is_positive" CHECK ("budget_per_minute" > 0)
);
--> statement-breakpoint
CREATE TABLE "app"."chat_consent" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "app"."chat_consent_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"platform" text NOT NULL,
	"platform_user_id" text NOT NULL,
	"purpose" text NOT NULL,
	"text_hash" text NOT NULL,
	"granted_at" timestamp with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "chat_consent_platform_is_known" CHECK ("platform" in ('discord', 'telegram')),
	CONSTRAINT "chat_consent_purpose_is_known" CHECK ("purpose" in ('contribute', 'alerts')),
	CONSTRAINT "chat_consent_text_is_hash" CHECK ("text_hash" ~ '^0x[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "app"."chat_link" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "app"."chat_link_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"platform" text NOT NULL,
	"platform_user_id" text NOT NULL,
	"account" text NOT NULL,
	"linked_at" timestamp with time zone DEFAULT now() NOT NULL,
	"unlinked_at" timestamp with time zone,
	CONSTRAINT "chat_link_platform_is_known" CHECK ("platform" in ('discord', 'telegram')),
	CONSTRAINT "chat_link_account_is_address" CHECK ("account" ~ '^0x[0-9a-f]{40}$')
);
--> statement-breakpoint
CREATE TABLE "app"."chat_link_request" (
	"token_hash" text PRIMARY KEY,
	"platform" text NOT NULL,
	"platform_user_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"account" text,
	"used_at" timestamp with time zone,
	CONSTRAINT "chat_link_request_token_is_hash" CHECK ("token_hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "chat_link_request_platform_is_known" CHECK ("platform" in ('discord', 'telegram')),
	CONSTRAINT "chat_link_request_account_is_address" CHECK ("account" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "chat_link_request_expires_later" CHECK ("expires_at" > "created_at")
);
--> statement-breakpoint
CREATE TABLE "app"."inference_record" (
	"request_id" text PRIMARY KEY,
	"genesis_hash" text NOT NULL,
	"worker" text NOT NULL,
	"payer" text NOT NULL,
	"api_key_id" uuid,
	"model_id" numeric(78,0) NOT NULL,
	"model_version" integer NOT NULL,
	"state" text NOT NULL,
	"prompt_hash" text NOT NULL,
	"output_hash" text,
	"in_tokens" integer DEFAULT 0 NOT NULL,
	"out_tokens" integer DEFAULT 0 NOT NULL,
	"fee" numeric(78,0) NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"first_token_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"error" text,
	CONSTRAINT "inference_record_request_is_hash" CHECK ("request_id" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "inference_record_worker_is_address" CHECK ("worker" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "inference_record_payer_is_address" CHECK ("payer" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "inference_record_prompt_is_hash" CHECK ("prompt_hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "inference_record_output_is_hash" CHECK ("output_hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "inference_record_state_is_known" CHECK ("state" in ('running', 'answered', 'failed', 'cancelled')),
	CONSTRAINT "inference_record_in_tokens_is_natural" CHECK ("in_tokens" >= 0),
	CONSTRAINT "inference_record_out_tokens_is_natural" CHECK ("out_tokens" >= 0),
	CONSTRAINT "inference_record_fee_is_natural" CHECK ("fee" >= 0),
	CONSTRAINT "inference_record_runs_or_ended" CHECK (("state" = 'running') = ("ended_at" is null)),
	CONSTRAINT "inference_record_answer_is_whole" CHECK (("state" = 'answered') = ("output_hash" is not null)),
	CONSTRAINT "inference_record_failure_is_explained" CHECK ("state" <> 'failed' or "error" is not null)
);
--> statement-breakpoint
CREATE TABLE "app"."receipt" (
	"request_id" text PRIMARY KEY,
	"hash" text NOT NULL UNIQUE,
	"body" text NOT NULL,
	"batch_id" numeric(78,0),
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "receipt_hash_is_hash" CHECK ("hash" ~ '^0x[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "app"."voucher" (
	"genesis_hash" text,
	"payer" text,
	"worker" text,
	"cumulative_amount" numeric(78,0) NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"signature" text NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "voucher_pkey" PRIMARY KEY("genesis_hash","payer","worker"),
	CONSTRAINT "voucher_payer_is_address" CHECK ("payer" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "voucher_worker_is_address" CHECK ("worker" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "voucher_amount_is_natural" CHECK ("cumulative_amount" >= 0),
	CONSTRAINT "voucher_signature_is_hex" CHECK ("signature" ~ '^0x([0-9a-f]{2}){1,2048}$')
);
--> statement-breakpoint
CREATE TABLE "app"."fingerprint" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "app"."fingerprint_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"genesis_hash" text NOT NULL,
	"datanet_id" numeric(78,0) NOT NULL,
	"content_hash" text NOT NULL,
	"signature" bytea NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "fingerprint_content_key" UNIQUE("genesis_hash","datanet_id","content_hash"),
	CONSTRAINT "fingerprint_signature_is_whole" CHECK (length("signature") > 0 and length("signature") % 4 = 0)
);
--> statement-breakpoint
CREATE TABLE "app"."fingerprint_band" (
	"fingerprint_id" bigint,
	"band" smallint,
	"value" bigint NOT NULL,
	CONSTRAINT "fingerprint_band_pkey" PRIMARY KEY("fingerprint_id","band"),
	CONSTRAINT "fingerprint_band_is_natural" CHECK ("band" >= 0)
);
--> statement-breakpoint
CREATE TABLE "app"."intake_verdict" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "app"."intake_verdict_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"genesis_hash" text NOT NULL,
	"datanet_id" numeric(78,0) NOT NULL,
	"contributor" text NOT NULL,
	"content_hash" text NOT NULL,
	"outcome" text NOT NULL,
	"findings" jsonb NOT NULL,
	"rules" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"resolved_at" timestamp with time zone,
	"resolved_by" text,
	"resolution" text,
	CONSTRAINT "intake_verdict_contributor_is_address" CHECK ("contributor" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "intake_verdict_content_is_hash" CHECK ("content_hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "intake_verdict_outcome_is_known" CHECK ("outcome" in ('accept', 'hold', 'refuse')),
	CONSTRAINT "intake_verdict_resolver_is_address" CHECK ("resolved_by" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "intake_verdict_resolution_is_known" CHECK ("resolution" in ('accept', 'refuse')),
	CONSTRAINT "intake_verdict_resolution_is_whole" CHECK (num_nonnulls("resolved_at", "resolved_by", "resolution") = 0 or ("outcome" = 'hold' and num_nonnulls("resolved_at", "resolved_by", "resolution") = 3))
);
--> statement-breakpoint
CREATE TABLE "app"."outbox_message" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "app"."outbox_message_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"dedupe_key" text NOT NULL UNIQUE,
	"channel" text NOT NULL,
	"recipient" text NOT NULL,
	"payload" jsonb NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone DEFAULT now() NOT NULL,
	"sending_since" timestamp with time zone,
	"sent_at" timestamp with time zone,
	"external_id" text,
	"error" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "outbox_message_channel_is_known" CHECK ("channel" in ('discord', 'telegram', 'webhook')),
	CONSTRAINT "outbox_message_state_is_known" CHECK ("state" in ('pending', 'sending', 'sent', 'unknown', 'failed')),
	CONSTRAINT "outbox_message_attempts_is_natural" CHECK ("attempts" >= 0),
	CONSTRAINT "outbox_message_sending_is_dated" CHECK ("state" <> 'sending' or "sending_since" is not null),
	CONSTRAINT "outbox_message_sent_is_dated" CHECK (("state" = 'sent') = ("sent_at" is not null)),
	CONSTRAINT "outbox_message_failure_is_explained" CHECK ("state" <> 'failed' or "error" is not null)
);
--> statement-breakpoint
CREATE TABLE "app"."relay" (
	"idempotency_key" text PRIMARY KEY,
	"genesis_hash" text NOT NULL,
	"account" text NOT NULL,
	"action" text NOT NULL,
	"payload" jsonb NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"transaction_id" uuid,
	"error" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"final_at" timestamp with time zone,
	CONSTRAINT "relay_key_is_short" CHECK (length("idempotency_key") between 1 and 128),
	CONSTRAINT "relay_account_is_address" CHECK ("account" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "relay_state_is_known" CHECK ("state" in ('pending', 'submitted', 'mined', 'final', 'failed')),
	CONSTRAINT "relay_pending_has_no_transaction" CHECK ("state" <> 'pending' or "transaction_id" is null),
	CONSTRAINT "relay_sent_has_a_transaction" CHECK ("state" not in ('submitted', 'mined', 'final') or "transaction_id" is not null),
	CONSTRAINT "relay_final_is_dated" CHECK (("state" = 'final') = ("final_at" is not null)),
	CONSTRAINT "relay_failure_is_explained" CHECK ("state" <> 'failed' or "error" is not null)
);
--> statement-breakpoint
CREATE TABLE "app"."relay_transaction" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	"genesis_hash" text NOT NULL,
	"relayer" text NOT NULL,
	"nonce" bigint NOT NULL,
	"hash" text NOT NULL UNIQUE,
	"raw" text NOT NULL,
	"max_fee_per_gas" numeric(78,0) NOT NULL,
	"attempts" integer DEFAULT 1 NOT NULL,
	"submitted_at" timestamp with time zone DEFAULT now() NOT NULL,
	"mined_block" bigint,
	CONSTRAINT "relay_transaction_nonce_key" UNIQUE("genesis_hash","relayer","nonce"),
	CONSTRAINT "relay_transaction_relayer_is_address" CHECK ("relayer" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "relay_transaction_nonce_is_natural" CHECK ("nonce" >= 0),
	CONSTRAINT "relay_transaction_hash_is_hash" CHECK ("hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "relay_transaction_fee_is_natural" CHECK ("max_fee_per_gas" >= 0)
);
--> statement-breakpoint
CREATE TABLE "app"."review" (
	"genesis_hash" text,
	"contribution_id" numeric(78,0),
	"validator" text,
	"commitment" text NOT NULL,
	"sealed" bytea,
	"window_ends_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"revealed_at" timestamp with time zone,
	CONSTRAINT "review_pkey" PRIMARY KEY("genesis_hash","contribution_id","validator"),
	CONSTRAINT "review_validator_is_address" CHECK ("validator" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "review_commitment_is_hash" CHECK ("commitment" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "review_is_sealed_or_revealed" CHECK (("sealed" is null) = ("revealed_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "app"."session" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	"token_hash" text NOT NULL UNIQUE,
	"account" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "session_token_is_hash" CHECK ("token_hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "session_account_is_address" CHECK ("account" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "session_expires_later" CHECK ("expires_at" > "created_at")
);
--> statement-breakpoint
CREATE TABLE "app"."sign_in_nonce" (
	"nonce" text PRIMARY KEY,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "app"."telemetry_sample" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "app"."telemetry_sample_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"worker" text NOT NULL,
	"metric" text NOT NULL,
	"labels" jsonb DEFAULT '{}' NOT NULL,
	"value" double precision NOT NULL,
	"taken_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "telemetry_sample_worker_is_address" CHECK ("worker" ~ '^0x[0-9a-f]{40}$')
);
--> statement-breakpoint
CREATE TABLE "app"."training_run" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	"genesis_hash" text NOT NULL,
	"owner" text NOT NULL,
	"model_id" numeric(78,0),
	"base_model_id" text NOT NULL,
	"settings" jsonb NOT NULL,
	"seed" bigint NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"progress_ppm" integer DEFAULT 0 NOT NULL,
	"adapter_hash" text,
	"metrics" jsonb,
	"error" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	CONSTRAINT "training_run_owner_is_address" CHECK ("owner" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "training_run_base_is_hash" CHECK ("base_model_id" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "training_run_adapter_is_hash" CHECK ("adapter_hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "training_run_state_is_known" CHECK ("state" in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
	CONSTRAINT "training_run_progress_is_ppm" CHECK ("progress_ppm" between 0 and 1000000),
	CONSTRAINT "training_run_start_is_known" CHECK ("state" not in ('running', 'succeeded') or "started_at" is not null),
	CONSTRAINT "training_run_runs_or_ended" CHECK (("state" in ('queued', 'running')) = ("ended_at" is null)),
	CONSTRAINT "training_run_success_is_whole" CHECK (("state" = 'succeeded') = ("adapter_hash" is not null)),
	CONSTRAINT "training_run_failure_is_explained" CHECK ("state" <> 'failed' or "error" is not null)
);
--> statement-breakpoint
CREATE TABLE "app"."training_run_datanet" (
	"run_id" uuid,
	"datanet_id" numeric(78,0),
	"version" integer NOT NULL,
	"data_root" text NOT NULL,
	CONSTRAINT "training_run_datanet_pkey" PRIMARY KEY("run_id","datanet_id"),
	CONSTRAINT "training_run_datanet_root_is_hash" CHECK ("data_root" ~ '^0x[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "app"."worker" (
	"genesis_hash" text,
	"address" text,
	"operator" text NOT NULL,
	"endpoint" text NOT NULL,
	"backend" text NOT NULL,
	"base_model_hash" text NOT NULL,
	"software_version" text NOT NULL,
	"state" text DEFAULT 'starting' NOT NULL,
	"adapter_slots" integer NOT NULL,
	"request_slots" integer NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "worker_pkey" PRIMARY KEY("genesis_hash","address"),
	CONSTRAINT "worker_address_is_address" CHECK ("address" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "worker_operator_is_address" CHECK ("operator" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "worker_base_is_hash" CHECK ("base_model_hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "worker_state_is_known" CHECK ("state" in ('starting', 'ready', 'draining')),
	CONSTRAINT "worker_endpoint_is_url" CHECK ("endpoint" ~ '^https?://'),
	CONSTRAINT "worker_slots_are_positive" CHECK ("adapter_slots" > 0 and "request_slots" > 0)
);
--> statement-breakpoint
ALTER TABLE "app"."content" ADD COLUMN "external_uri" text;--> statement-breakpoint
ALTER TABLE "app"."content" ADD COLUMN "license" text;--> statement-breakpoint
CREATE INDEX "api_key_account_idx" ON "app"."api_key" ("account","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "chat_consent_purpose_key" ON "app"."chat_consent" ("platform","platform_user_id","purpose") WHERE "revoked_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "chat_link_user_key" ON "app"."chat_link" ("platform","platform_user_id") WHERE "unlinked_at" is null;--> statement-breakpoint
CREATE INDEX "chat_link_account_idx" ON "app"."chat_link" ("account") WHERE "unlinked_at" is null;--> statement-breakpoint
CREATE INDEX "chat_link_request_user_idx" ON "app"."chat_link_request" ("platform","platform_user_id","created_at");--> statement-breakpoint
CREATE INDEX "chat_link_request_expires_idx" ON "app"."chat_link_request" ("expires_at");--> statement-breakpoint
CREATE INDEX "inference_record_model_idx" ON "app"."inference_record" ("genesis_hash","model_id","started_at");--> statement-breakpoint
CREATE INDEX "inference_record_payer_idx" ON "app"."inference_record" ("genesis_hash","payer","started_at");--> statement-breakpoint
CREATE INDEX "inference_record_worker_idx" ON "app"."inference_record" ("genesis_hash","worker","started_at");--> statement-breakpoint
CREATE INDEX "inference_record_key_idx" ON "app"."inference_record" ("api_key_id","started_at");--> statement-breakpoint
CREATE INDEX "receipt_batch_idx" ON "app"."receipt" ("batch_id");--> statement-breakpoint
CREATE INDEX "receipt_unposted_idx" ON "app"."receipt" ("created_at") WHERE "batch_id" is null;--> statement-breakpoint
CREATE INDEX "voucher_worker_idx" ON "app"."voucher" ("genesis_hash","worker","expires_at");--> statement-breakpoint
CREATE INDEX "fingerprint_content_idx" ON "app"."fingerprint" ("content_hash");--> statement-breakpoint
CREATE INDEX "fingerprint_band_value_idx" ON "app"."fingerprint_band" ("band","value","fingerprint_id");--> statement-breakpoint
CREATE INDEX "intake_verdict_contributor_idx" ON "app"."intake_verdict" ("genesis_hash","contributor","created_at","id");--> statement-breakpoint
CREATE INDEX "intake_verdict_content_idx" ON "app"."intake_verdict" ("content_hash","id");--> statement-breakpoint
CREATE INDEX "intake_verdict_held_idx" ON "app"."intake_verdict" ("genesis_hash","datanet_id","created_at","id") WHERE "outcome" = 'hold' and "resolved_at" is null;--> statement-breakpoint
CREATE INDEX "outbox_message_due_idx" ON "app"."outbox_message" ("next_attempt_at","id") WHERE "state" = 'pending';--> statement-breakpoint
CREATE INDEX "outbox_message_sending_idx" ON "app"."outbox_message" ("sending_since") WHERE "state" = 'sending';--> statement-breakpoint
CREATE INDEX "outbox_message_recipient_idx" ON "app"."outbox_message" ("channel","recipient","id");--> statement-breakpoint
CREATE INDEX "relay_pending_idx" ON "app"."relay" ("genesis_hash","created_at") WHERE "state" = 'pending';--> statement-breakpoint
CREATE INDEX "relay_transaction_idx" ON "app"."relay" ("transaction_id");--> statement-breakpoint
CREATE INDEX "relay_account_idx" ON "app"."relay" ("genesis_hash","account","created_at");--> statement-breakpoint
CREATE INDEX "relay_transaction_open_idx" ON "app"."relay_transaction" ("genesis_hash","relayer","nonce") WHERE "mined_block" is null;--> statement-breakpoint
CREATE INDEX "review_due_idx" ON "app"."review" ("window_ends_at") WHERE "revealed_at" is null;--> statement-breakpoint
CREATE INDEX "review_validator_idx" ON "app"."review" ("genesis_hash","validator","created_at","contribution_id");--> statement-breakpoint
CREATE INDEX "session_account_idx" ON "app"."session" ("account","created_at");--> statement-breakpoint
CREATE INDEX "session_expires_idx" ON "app"."session" ("expires_at");--> statement-breakpoint
CREATE INDEX "sign_in_nonce_expires_idx" ON "app"."sign_in_nonce" ("expires_at");--> statement-breakpoint
CREATE INDEX "telemetry_sample_metric_idx" ON "app"."telemetry_sample" ("metric","worker","taken_at");--> statement-breakpoint
CREATE INDEX "telemetry_sample_taken_idx" ON "app"."telemetry_sample" USING brin ("taken_at");--> statement-breakpoint
CREATE INDEX "training_run_owner_idx" ON "app"."training_run" ("genesis_hash","owner","created_at");--> statement-breakpoint
CREATE INDEX "training_run_model_idx" ON "app"."training_run" ("genesis_hash","model_id","created_at");--> statement-breakpoint
CREATE INDEX "training_run_open_idx" ON "app"."training_run" ("created_at") WHERE "ended_at" is null;--> statement-breakpoint
CREATE INDEX "training_run_datanet_idx" ON "app"."training_run_datanet" ("datanet_id","version");--> statement-breakpoint
CREATE INDEX "worker_seen_idx" ON "app"."worker" ("genesis_hash","state","last_seen_at");--> statement-breakpoint
ALTER TABLE "app"."inference_record" ADD CONSTRAINT "inference_record_genesis_hash_deployment_genesis_hash_fkey" FOREIGN KEY ("genesis_hash") REFERENCES "app"."deployment"("genesis_hash") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."inference_record" ADD CONSTRAINT "inference_record_api_key_id_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "app"."api_key"("id") ON DELETE SET NULL;--> statement-breakpoint
ALTER TABLE "app"."receipt" ADD CONSTRAINT "receipt_request_id_inference_record_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "app"."inference_record"("request_id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."voucher" ADD CONSTRAINT "voucher_genesis_hash_deployment_genesis_hash_fkey" FOREIGN KEY ("genesis_hash") REFERENCES "app"."deployment"("genesis_hash") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."fingerprint" ADD CONSTRAINT "fingerprint_genesis_hash_deployment_genesis_hash_fkey" FOREIGN KEY ("genesis_hash") REFERENCES "app"."deployment"("genesis_hash") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."fingerprint" ADD CONSTRAINT "fingerprint_content_hash_content_hash_fkey" FOREIGN KEY ("content_hash") REFERENCES "app"."content"("hash");--> statement-breakpoint
ALTER TABLE "app"."fingerprint_band" ADD CONSTRAINT "fingerprint_band_fingerprint_id_fingerprint_id_fkey" FOREIGN KEY ("fingerprint_id") REFERENCES "app"."fingerprint"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."intake_verdict" ADD CONSTRAINT "intake_verdict_genesis_hash_deployment_genesis_hash_fkey" FOREIGN KEY ("genesis_hash") REFERENCES "app"."deployment"("genesis_hash") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."relay" ADD CONSTRAINT "relay_genesis_hash_deployment_genesis_hash_fkey" FOREIGN KEY ("genesis_hash") REFERENCES "app"."deployment"("genesis_hash") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."relay" ADD CONSTRAINT "relay_transaction_id_relay_transaction_id_fkey" FOREIGN KEY ("transaction_id") REFERENCES "app"."relay_transaction"("id");--> statement-breakpoint
ALTER TABLE "app"."relay_transaction" ADD CONSTRAINT "relay_transaction_genesis_hash_deployment_genesis_hash_fkey" FOREIGN KEY ("genesis_hash") REFERENCES "app"."deployment"("genesis_hash") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."review" ADD CONSTRAINT "review_genesis_hash_deployment_genesis_hash_fkey" FOREIGN KEY ("genesis_hash") REFERENCES "app"."deployment"("genesis_hash") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."training_run" ADD CONSTRAINT "training_run_genesis_hash_deployment_genesis_hash_fkey" FOREIGN KEY ("genesis_hash") REFERENCES "app"."deployment"("genesis_hash") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."training_run_datanet" ADD CONSTRAINT "training_run_datanet_run_id_training_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "app"."training_run"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."worker" ADD CONSTRAINT "worker_genesis_hash_deployment_genesis_hash_fkey" FOREIGN KEY ("genesis_hash") REFERENCES "app"."deployment"("genesis_hash") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."content" ADD CONSTRAINT "content_size_is_right" CHECK ("size" >= 0 and ("body" is null or length("body") = "size"));--> statement-breakpoint
ALTER TABLE "app"."content" DROP CONSTRAINT "content_is_erased_or_whole", ADD CONSTRAINT "content_is_erased_or_whole" CHECK (num_nonnulls("body", "external_uri") = case when "erased_at" is null then 1 else 0 end);