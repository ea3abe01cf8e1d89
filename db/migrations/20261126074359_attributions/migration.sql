CREATE TABLE "app"."answer_evidence" (
	"request_id" text,
	"place" integer,
	"kind" text,
	"contribution_id" numeric(78,0),
	"weight_ppm" integer NOT NULL,
	CONSTRAINT "answer_evidence_pkey" PRIMARY KEY("request_id","place","kind","contribution_id"),
	CONSTRAINT "answer_evidence_kind_is_known" CHECK ("kind" in ('influence', 'spans', 'retrieval')),
	CONSTRAINT "answer_evidence_weight_is_ppm" CHECK ("weight_ppm" between 0 and 1000000)
);
--> statement-breakpoint
CREATE TABLE "app"."answer_part" (
	"request_id" text,
	"place" integer,
	"from" integer NOT NULL,
	"until" integer NOT NULL,
	CONSTRAINT "answer_part_pkey" PRIMARY KEY("request_id","place"),
	CONSTRAINT "answer_part_lies_in_order" CHECK ("place" >= 0 and "from" >= 0 and "until" >= "from")
);
--> statement-breakpoint
CREATE TABLE "app"."attribution_task" (
	"request_id" text PRIMARY KEY,
	"sealed" bytea NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"error" text,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "attribution_task_attempts_is_natural" CHECK ("attempts" >= 0)
);
--> statement-breakpoint
ALTER TABLE "app"."receipt" ADD COLUMN "evidence" text NOT NULL;--> statement-breakpoint
CREATE INDEX "answer_evidence_contribution_idx" ON "app"."answer_evidence" ("contribution_id","request_id");--> statement-breakpoint
CREATE INDEX "attribution_task_due_idx" ON "app"."attribution_task" ("due_at","request_id");--> statement-breakpoint
ALTER TABLE "app"."answer_evidence" ADD CONSTRAINT "answer_evidence_part_fk" FOREIGN KEY ("request_id","place") REFERENCES "app"."answer_part"("request_id","place") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."answer_part" ADD CONSTRAINT "answer_part_request_id_receipt_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "app"."receipt"("request_id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "app"."attribution_task" ADD CONSTRAINT "attribution_task_request_id_inference_record_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "app"."inference_record"("request_id") ON DELETE CASCADE;