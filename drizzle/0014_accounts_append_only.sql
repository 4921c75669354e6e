-- The audit log can be appended to and not altered. A trigger and not privileges: the services own their tables, and an owner has every privilege.
CREATE FUNCTION "accounts"."refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'accounts.audit_log can be appended to, and not altered' USING ERRCODE = 'insufficient_privilege';
END $$;
--> statement-breakpoint
CREATE TRIGGER "append_only_rows" BEFORE UPDATE OR DELETE ON "accounts"."audit_log"
  FOR EACH ROW EXECUTE FUNCTION "accounts"."refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "append_only" BEFORE TRUNCATE ON "accounts"."audit_log"
  FOR EACH STATEMENT EXECUTE FUNCTION "accounts"."refuse_change"();
--> statement-breakpoint
-- Also where triggers are off for a session, as in one that replicates.
ALTER TABLE "accounts"."audit_log" ENABLE ALWAYS TRIGGER "append_only_rows";
--> statement-breakpoint
ALTER TABLE "accounts"."audit_log" ENABLE ALWAYS TRIGGER "append_only";
