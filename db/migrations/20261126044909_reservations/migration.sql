ALTER TABLE "app"."inference_record" ADD COLUMN "nonce" text;--> statement-breakpoint
ALTER TABLE "app"."voucher" ADD COLUMN "committed" numeric(78,0) DEFAULT '0' NOT NULL;--> statement-breakpoint
CREATE INDEX "inference_record_running_idx" ON "app"."inference_record" ("genesis_hash","worker") WHERE "state" = 'running';--> statement-breakpoint
ALTER TABLE "app"."inference_record" ADD CONSTRAINT "inference_record_nonce_is_hash" CHECK ("nonce" ~ '^0x[0-9a-f]{64}$');--> statement-breakpoint
ALTER TABLE "app"."voucher" ADD CONSTRAINT "voucher_committed_is_natural" CHECK ("committed" >= 0);--> statement-breakpoint
ALTER TABLE "app"."inference_record" DROP CONSTRAINT "inference_record_answer_is_whole", ADD CONSTRAINT "inference_record_answer_is_whole" CHECK (case "state" when 'answered' then "output_hash" is not null when 'cancelled' then true else "output_hash" is null end);--> statement-breakpoint
ALTER TABLE "app"."voucher" DROP CONSTRAINT "voucher_signature_is_hex", ADD CONSTRAINT "voucher_signature_is_hex" CHECK ("signature" ~ '^0x([0-9a-f]{2})+$' and length("signature") <= 4098);