CREATE TABLE "app"."audit_event" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "app"."audit_event_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"account" text NOT NULL,
	"session_id" uuid,
	"key_id" uuid,
	"action" text NOT NULL,
	"subject" text,
	"genesis_hash" text NOT NULL,
	"outcome" text DEFAULT 'begun' NOT NULL,
	"code" text,
	"begun_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "audit_event_account_is_address" CHECK ("account" ~ '^0x[0-9a-f]{40}$'),
	CONSTRAINT "audit_event_genesis_is_hash" CHECK ("genesis_hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "audit_event_outcome_is_known" CHECK ("outcome" in ('begun', 'done', 'refused', 'failed')),
	CONSTRAINT "audit_event_subject_is_short" CHECK (length("subject") <= 200),
	CONSTRAINT "audit_event_end_is_whole" CHECK (("outcome" = 'begun') = ("ended_at" is null))
);
--> statement-breakpoint
CREATE INDEX "audit_event_account_idx" ON "app"."audit_event" ("account","id");