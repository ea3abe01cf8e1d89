CREATE TABLE "app"."relay_attempt" (
	"hash" text PRIMARY KEY,
	"transaction_id" uuid NOT NULL,
	"raw" text NOT NULL,
	"max_fee_per_gas" numeric(78,0) NOT NULL,
	"max_priority_fee_per_gas" numeric(78,0) NOT NULL,
	"signed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "relay_attempt_hash_is_hash" CHECK ("hash" ~ '^0x[0-9a-f]{64}$'),
	CONSTRAINT "relay_attempt_fee_is_natural" CHECK ("max_fee_per_gas" >= 0)
);
--> statement-breakpoint
ALTER TABLE "app"."relay" ADD COLUMN "position" bigint GENERATED ALWAYS AS IDENTITY (sequence name "app"."relay_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1);--> statement-breakpoint
ALTER TABLE "app"."relay" ADD COLUMN "not_before" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "app"."relay" ADD COLUMN "reverts" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "app"."relay" ADD COLUMN "done_block" bigint;--> statement-breakpoint
ALTER TABLE "app"."relay_transaction" ADD COLUMN "state" text DEFAULT 'submitted' NOT NULL;--> statement-breakpoint
ALTER TABLE "app"."relay_transaction" ADD COLUMN "mined_block_hash" text;--> statement-breakpoint
ALTER TABLE "app"."relay_transaction" ADD COLUMN "is_settled" boolean DEFAULT false NOT NULL;--> statement-breakpoint
DROP INDEX "app"."relay_pending_idx";--> statement-breakpoint
CREATE INDEX "relay_pending_idx" ON "app"."relay" ("genesis_hash","position") WHERE "state" = 'pending';--> statement-breakpoint
DROP INDEX "app"."relay_transaction_open_idx";--> statement-breakpoint
CREATE INDEX "relay_transaction_open_idx" ON "app"."relay_transaction" ("genesis_hash","relayer","nonce") WHERE not "is_settled";--> statement-breakpoint
CREATE INDEX "relay_done_idx" ON "app"."relay" ("genesis_hash","position") WHERE "state" = 'mined' and "transaction_id" is null;--> statement-breakpoint
CREATE INDEX "relay_attempt_transaction_idx" ON "app"."relay_attempt" ("transaction_id","signed_at");--> statement-breakpoint
ALTER TABLE "app"."relay_attempt" ADD CONSTRAINT "relay_attempt_transaction_id_relay_transaction_id_fkey" FOREIGN KEY ("transaction_id") REFERENCES "app"."relay_transaction"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."relay_transaction" ADD CONSTRAINT "relay_transaction_state_is_known" CHECK ("state" in ('submitted', 'mined', 'final', 'reverted', 'replaced'));--> statement-breakpoint
ALTER TABLE "app"."relay_transaction" ADD CONSTRAINT "relay_transaction_block_is_hash" CHECK ("mined_block_hash" ~ '^0x[0-9a-f]{64}$');--> statement-breakpoint
ALTER TABLE "app"."relay" DROP CONSTRAINT "relay_sent_has_a_transaction", ADD CONSTRAINT "relay_sent_has_a_transaction" CHECK (case "state" when 'submitted' then "transaction_id" is not null
        when 'mined' then "transaction_id" is not null or "done_block" is not null
        when 'final' then "transaction_id" is not null or "done_block" is not null else true end);--> statement-breakpoint
-- Whoever writes a state, whoever listens hears of it when the transaction is committed.
CREATE FUNCTION "app"."notify_relay"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_notify('openledger_relay', json_build_object('id', NEW."idempotency_key", 'state', NEW."state", 'account', NEW."account")::text);
	RETURN NULL;
END
$$;--> statement-breakpoint
CREATE TRIGGER "relay_inserted" AFTER INSERT ON "app"."relay" FOR EACH ROW EXECUTE FUNCTION "app"."notify_relay"();--> statement-breakpoint
CREATE TRIGGER "relay_moved" AFTER UPDATE OF "state" ON "app"."relay" FOR EACH ROW WHEN (OLD."state" IS DISTINCT FROM NEW."state") EXECUTE FUNCTION "app"."notify_relay"();
