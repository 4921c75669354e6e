-- What programs for analysts may read (docs/analysts.md). The views read with the rights of their owner: who may read them needs no right
-- to the tables below. Their columns are a contract: a later migration may add some, and rename none.
CREATE SCHEMA "reporting";
--> statement-breakpoint
COMMENT ON SCHEMA "reporting" IS 'Views for analysts and their programs: docs/analysts.md';
--> statement-breakpoint
CREATE VIEW "reporting"."devices" AS
SELECT DISTINCT ON (device_id) device_id, name, site, system, removed, at AS changed_at
FROM devices.registry_log
ORDER BY device_id, position DESC;
--> statement-breakpoint
COMMENT ON VIEW "reporting"."devices" IS 'Each device as the registry has it now, or had it when it was removed; changed_at is when that became so.';
--> statement-breakpoint
CREATE VIEW "reporting"."samples" AS
SELECT sample.device_id, device.name, device.site, device.system, sample.hour AS at, metric.name AS metric, declared.unit, metric.value
FROM history.archived_samples AS sample
JOIN history.layouts AS layout ON layout.id = sample.layout_id
CROSS JOIN LATERAL unnest(layout.names, sample.values) AS metric (name, value)
LEFT JOIN history.metrics AS declared ON declared.service = layout.service AND declared.name = metric.name
LEFT JOIN reporting.devices AS device ON device.device_id = sample.device_id
WHERE metric.value IS NOT NULL;
--> statement-breakpoint
COMMENT ON VIEW "reporting"."samples" IS 'A row for each hour, device and metric, of days that are over. Name and site are those of today. Always narrow it by at: the archive is cut by months.';
--> statement-breakpoint
CREATE VIEW "reporting"."daily" AS
SELECT rollup.device_id, device.name, device.site, device.system, rollup.day, metric.name AS metric, declared.unit,
  metric.samples, metric.mean, metric.min, metric.max, metric.last
FROM history.daily_rollups AS rollup
JOIN history.layouts AS layout ON layout.id = rollup.layout_id
CROSS JOIN LATERAL unnest(layout.names, rollup.counts, rollup.means, rollup.mins, rollup.maxs, rollup.lasts)
  AS metric (name, samples, mean, min, max, last)
LEFT JOIN history.metrics AS declared ON declared.service = layout.service AND declared.name = metric.name
LEFT JOIN reporting.devices AS device ON device.device_id = rollup.device_id
WHERE metric.samples > 0;
--> statement-breakpoint
COMMENT ON VIEW "reporting"."daily" IS 'What the samples of a day (UTC) say together, a row for each device and metric, of days that are sealed. Name and site are those of today.';
--> statement-breakpoint
CREATE VIEW "reporting"."availability_daily" AS
SELECT held.device_id, device.name, held.site, held.system, held.day, held.online_seconds, held.degraded_seconds, held.offline_seconds,
  held.unknown_seconds, held.blind_seconds,
  (held.online_seconds + held.degraded_seconds) / nullif(held.online_seconds + held.degraded_seconds + held.offline_seconds, 0) AS online_ratio
FROM history.daily_statuses AS held
LEFT JOIN reporting.devices AS device ON device.device_id = held.device_id;
--> statement-breakpoint
COMMENT ON VIEW "reporting"."availability_daily" IS 'How long each device was in which status on a day (UTC) that is sealed, at each site where it stood that day. online_ratio leaves out what is unknown and takes DEGRADED for online; over several rows divide the sums of the seconds.';
--> statement-breakpoint
CREATE VIEW "reporting"."status_changes" AS
SELECT change.device_id, device.name, device.site, device.system, change.at, change."from" AS from_status, change."to" AS to_status,
  change.reason, change.blind
FROM devices.status_changes AS change
LEFT JOIN reporting.devices AS device ON device.device_id = change.device_id;
--> statement-breakpoint
COMMENT ON VIEW "reporting"."status_changes" IS 'The status log, for as long as it is kept. blind: UNKNOWN because nobody looked, which says nothing of the device.';
--> statement-breakpoint
-- Puts the changes of settings of all services into one view: of each schema that has the published table. Called by the worker of history,
-- so that a new service needs no migration here. The view is replaced only where the services have changed, since that waits for its readers.
CREATE FUNCTION "history"."refresh_reporting"() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  services text[];
  label text;
BEGIN
  -- Any number would do; this one spells "view" in ASCII.
  PERFORM pg_advisory_xact_lock(x'76696577'::int);
  SELECT array_agg(namespace.nspname ORDER BY namespace.nspname) INTO services
  FROM pg_class AS class JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
  WHERE class.relname = 'settings_changes' AND class.relkind IN ('r', 'p');
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
--> statement-breakpoint
REVOKE ALL ON FUNCTION "history"."refresh_reporting"() FROM PUBLIC;
--> statement-breakpoint
SELECT "history"."refresh_reporting"();
