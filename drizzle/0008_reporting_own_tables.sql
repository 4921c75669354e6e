-- A row of the registry's log that has the version of the row before it is no change of the entry (contracts/status-log.ts): the entry became
-- what it is with the first row of its version.
CREATE OR REPLACE VIEW "reporting"."devices" AS
SELECT DISTINCT ON (device_id) device_id, name, site, system, removed,
  (min(at) OVER (PARTITION BY device_id, version))::timestamp(3) with time zone AS changed_at
FROM devices.registry_log
ORDER BY device_id, position DESC;
--> statement-breakpoint
-- A service is a schema with both of the published tables. A table of that name that somebody makes for a session, as who may read the views
-- can too, is none: the worker of history could not read it, and not start.
CREATE OR REPLACE FUNCTION "history"."refresh_reporting"() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  services text[];
  label text;
BEGIN
  -- Any number would do; this one spells "view" in ASCII.
  PERFORM pg_advisory_xact_lock(x'76696577'::int);
  SELECT array_agg(namespace.nspname ORDER BY namespace.nspname) INTO services
  FROM pg_class AS class JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
  WHERE class.relname = 'settings_changes' AND class.relkind IN ('r', 'p') AND class.relpersistence = 'p'
    AND to_regclass(format('%I.settings_change_events', namespace.nspname)) IS NOT NULL;
  label := 'Changes of settings and what came of them, of ' || array_to_string(services, ', ') || '.';
  IF services IS NULL OR label IS NOT DISTINCT FROM obj_description(to_regclass('reporting.settings_changes'), 'pg_class') THEN
    RETURN;
  END IF;
  EXECUTE (
    SELECT 'CREATE OR REPLACE VIEW reporting.settings_changes AS
      SELECT change.id, change.device_id, device.name, device.site, device.system, change.service, change.settings_version,
        change.state, change.wanted, change.before, change.read_back, change.code, change.detail, change.requested_by,
        change.reason, change.requested_at, change.finished_at, change.undoes
      FROM (' || string_agg(format(
        'SELECT id, subject AS device_id, %L::text AS service, settings_version,
          CASE state WHEN ''SENDING'' THEN ''PENDING'' ELSE state END AS state, wanted, before, read_back, code, detail,
          actor AS requested_by, reason, requested_at, finished_at, undoes FROM %I.settings_changes', service, service), ' UNION ALL ')
      || ') AS change LEFT JOIN reporting.devices AS device ON device.device_id = change.device_id'
    FROM unnest(services) AS service
  );
  EXECUTE format('COMMENT ON VIEW reporting.settings_changes IS %L', label);
END
$$;
