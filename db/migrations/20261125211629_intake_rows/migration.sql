CREATE TABLE "app"."fingerprint_row" (
	"fingerprint_id" bigint,
	"value" bigint,
	CONSTRAINT "fingerprint_row_pkey" PRIMARY KEY("fingerprint_id","value")
);
--> statement-breakpoint
ALTER TABLE "app"."fingerprint" ADD COLUMN "text_hash" text;--> statement-breakpoint
ALTER TABLE "app"."fingerprint" ADD COLUMN "row_shift" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "fingerprint_text_idx" ON "app"."fingerprint" ("text_hash");--> statement-breakpoint
CREATE INDEX "fingerprint_created_idx" ON "app"."fingerprint" ("genesis_hash","datanet_id","created_at","id");--> statement-breakpoint
CREATE INDEX "fingerprint_row_value_idx" ON "app"."fingerprint_row" ("value","fingerprint_id");--> statement-breakpoint
ALTER TABLE "app"."fingerprint_row" ADD CONSTRAINT "fingerprint_row_fingerprint_id_fingerprint_id_fkey" FOREIGN KEY ("fingerprint_id") REFERENCES "app"."fingerprint"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."fingerprint" ADD CONSTRAINT "fingerprint_text_is_hash" CHECK ("text_hash" ~ '^0x[0-9a-f]{64}$');--> statement-breakpoint
ALTER TABLE "app"."fingerprint" ADD CONSTRAINT "fingerprint_row_shift_is_natural" CHECK ("row_shift" between 0 and 63);