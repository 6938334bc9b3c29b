// Writes the four dashboards to dashboards/*.json from the tables below. usage: node make-dashboards.mjs
// scripts/staging/check-dashboards.sh asks a real Prometheus for every query in the result.
import fs from "node:fs";
import path from "node:path";
const here = path.dirname(new URL(import.meta.url).pathname);
const B = 'job="auto-grader-backend"';
const rate = (name, labels = "") => `rate(${name}{${[B, labels].filter(Boolean).join(",")}}[$__rate_interval])`;
const share = (q, name) => `histogram_quantile(${q}, sum by (le) (${rate(name, 'route!~".*/progress"')}))`;
const quantile = (q, name) => `histogram_quantile(${q}, sum by (le) (${rate(name)}))`;
// A panel: [title, unit, what it tells, [[expr, legend]…], options]. A row: a string.
const boards = {
  system: { title: "System", panels: [
    ["CPU used", "percentunit", "Above 80 % for 15 minutes an alert fires.", [['1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))', "{{instance}}"]], { max: 1, warn: 0.7, bad: 0.8 }],
    ["Load per core", "short", "Processes that want to run, for each core.", [['node_load1 / on(instance) count by (instance) (node_cpu_seconds_total{mode="idle"})', "{{instance}}"]]],
    ["Memory used", "percentunit", "Without what the kernel gives back when asked.", [["1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes", "{{instance}}"]], { max: 1, warn: 0.7, bad: 0.9 }],
    ["Disk used", "percentunit", "Less than 10 % free pages somebody.", [['1 - node_filesystem_avail_bytes{fstype!~"tmpfs|overlay|squashfs|ramfs"} / node_filesystem_size_bytes{fstype!~"tmpfs|overlay|squashfs|ramfs"}', "{{instance}} {{mountpoint}}"]], { max: 1, warn: 0.8, bad: 0.9 }],
    ["Disk traffic", "Bps", "Reading and writing.", [["sum by (instance) (rate(node_disk_read_bytes_total[$__rate_interval]))", "read {{instance}}"], ["sum by (instance) (rate(node_disk_written_bytes_total[$__rate_interval]))", "written {{instance}}"]]],
    ["Disk busy", "percentunit", "Share of the time in which the disk had something to do.", [["rate(node_disk_io_time_seconds_total[$__rate_interval])", "{{instance}} {{device}}"]], { max: 1 }],
    ["Network", "Bps", "", [['sum by (instance) (rate(node_network_receive_bytes_total{device!="lo"}[$__rate_interval]))', "in {{instance}}"], ['sum by (instance) (rate(node_network_transmit_bytes_total{device!="lo"}[$__rate_interval]))', "out {{instance}}"]]],
    ["Connections at Nginx", "short", "", [["nginx_connections_active", "active"], ["nginx_connections_waiting", "waiting"]]],
    ["Redis memory", "bytes", "", [["redis_memory_used_bytes", "{{instance}}"]]],
    ["Redis commands", "ops", "", [["rate(redis_commands_processed_total[$__rate_interval])", "{{instance}}"]]],
    ["What answers", "short", "1: the target answers Prometheus.", [["up", "{{job}} {{instance}}"]], { type: "state-timeline", wide: true }],
  ] },
  application: { title: "Application", panels: [
    ["Requests", "reqps", "", [[`sum(${rate("http_requests_total")})`, "all"], [`sum by (instance) (${rate("http_requests_total")})`, "{{instance}}"]]],
    ["Errors", "percentunit", "Share of answers with status 5xx; above 5 % for 5 minutes somebody is paged.", [[`sum(${rate("http_requests_total", 'status=~"5.."')}) / sum(${rate("http_requests_total")}) or sum(${rate("http_requests_total")}) * 0`, "5xx"]], { warn: 0.01, bad: 0.05 }],
    ["Time to answer", "s", "Without event streams.", [[share("0.5", "http_request_duration_seconds_bucket"), "half are faster"], [share("0.95", "http_request_duration_seconds_bucket"), "95 %"], [share("0.99", "http_request_duration_seconds_bucket"), "99 %"]], { warn: 0.5, bad: 2 }],
    ["Slowest routes", "s", "Mean of each route.", [[`topk(8, sum by (route) (${rate("http_request_duration_seconds_sum", 'route!~".*/progress"')}) / sum by (route) (${rate("http_request_duration_seconds_count")}))`, "{{route}}"]]],
    ["Answers by status", "reqps", "", [[`sum by (status) (${rate("http_requests_total")})`, "{{status}}"]]],
    ["Event streams", "short", "Open live pictures.", [[`sum by (instance) (live_streams{${B}})`, "{{instance}}"]]],
    "Grading",
    ["Answers waiting", "short", "", [[`max(ml_queue_size{${B}})`, "waiting"], [`max(grading_given_up{${B}})`, "given up"]]],
    ["Oldest waiting answer", "s", "", [[`max(ml_queue_oldest_seconds{${B}})`, "oldest"]]],
    ["Answers graded", "ops", "A second, by process.", [[`sum by (instance) (${rate("answers_graded_total")})`, "{{instance}}"]]],
    ["Batch size", "short", "", [[quantile("0.5", "grading_batch_answers_bucket"), "half are smaller"], [quantile("0.95", "grading_batch_answers_bucket"), "95 %"]]],
    ["Batch time", "s", "", [[quantile("0.5", "grading_batch_seconds_bucket"), "half are faster"], [quantile("0.95", "grading_batch_seconds_bucket"), "95 %"]]],
    ["Time by stage", "s", "Where the time of an answer goes, 95 %.", [[`histogram_quantile(0.95, sum by (le, stage) (${rate("grading_stage_seconds_bucket")}))`, "{{stage}}"]]],
    ["Tokens", "ops", "A second through the encoder.", [[`sum(${rate("grading_tokens_total")})`, "tokens"]]],
    ["Failures", "ops", "", [[`sum(${rate("grading_failures_total")})`, "failed tries at an answer"], [`sum(${rate("grader_restarts_total")})`, "restarts of the grader"]]],
    "Around it",
    ["Mail waiting", "short", "", [[`max(mail_outbox_waiting{${B}})`, "waiting"]]],
    ["Oldest mail", "s", "", [[`max(mail_outbox_oldest_seconds{${B}})`, "oldest"]]],
    ["Mail sent", "ops", "", [[`sum by (result) (${rate("mail_sent_total")})`, "{{result}}"]]],
    ["Redis and object store", "short", "1: reached by every process.", [[`min(cache_up{${B}})`, "Redis"], [`sum(${rate("cache_errors_total")})`, "Redis errors"], [`sum(${rate("object_store_errors_total")})`, "object store errors"]]],
    ["Age of the last backup", "s", "Proven means restored to a scratch place and compared.", [[`time() - max(backup_last_created_timestamp_seconds{${B}})`, "made"], [`time() - max(backup_last_proven_timestamp_seconds{${B}})`, "proven"]]],
    ["Certificate ends in", "s", "", [[`min by (name) (tls_certificate_expiry_timestamp_seconds{${B}}) - time()`, "{{name}}"]]],
  ] },
  database: { title: "Database", panels: [
    ["Up", "short", "", [["mysql_up", "{{server}}"], [`min(database_up{${B}})`, "as the application sees it"]]],
    ["Connections", "short", "", [["mysql_global_status_threads_connected", "{{server}}"], ["mysql_global_variables_max_connections", "most {{server}}"]]],
    ["Connections of the application", "short", "", [[`sum by (state) (database_pool_connections{${B}})`, "{{state}}"]]],
    ["Queries", "ops", "", [["rate(mysql_global_status_queries[$__rate_interval])", "{{server}}"]]],
    ["By kind", "ops", "", [['sum by (command) (rate(mysql_global_status_commands_total{command=~"select|insert|update|delete|commit|rollback"}[$__rate_interval]))', "{{command}}"]]],
    ["Slow queries", "ops", "", [["rate(mysql_global_status_slow_queries[$__rate_interval])", "{{server}}"]]],
    ["Row lock waits", "s", "Time waited for rows, a second.", [["rate(mysql_global_status_innodb_row_lock_time[$__rate_interval]) / 1000", "{{server}}"]]],
    ["Log flushes", "ops", "Each commit of an answer is one.", [["rate(mysql_global_status_innodb_os_log_fsyncs[$__rate_interval]) or rate(mysql_global_status_innodb_data_fsyncs[$__rate_interval])", "{{server}}"]]],
    ["Replication lag", "s", "The application stops reading from a replica that lags.", [[`max by (replica) (database_replica_lag_seconds{${B}})`, "replica {{replica}}"], ["mysql_slave_status_seconds_behind_master or mysql_slave_status_seconds_behind_source", "{{server}}"]], { warn: 5, bad: 30 }],
    ["Replica in use", "short", "1: reads go there.", [[`min by (replica) (database_replica_in_use{${B}})`, "replica {{replica}}"]]],
    ["Buffer pool hits", "percentunit", "", [["1 - rate(mysql_global_status_innodb_buffer_pool_reads[$__rate_interval]) / rate(mysql_global_status_innodb_buffer_pool_read_requests[$__rate_interval])", "{{server}}"]], { max: 1 }],
    ["Traffic", "Bps", "", [["rate(mysql_global_status_bytes_received[$__rate_interval])", "in {{server}}"], ["rate(mysql_global_status_bytes_sent[$__rate_interval])", "out {{server}}"]]],
  ] },
  activity: { title: "User activity", panels: [
    ["Signed in", "short", "Sessions that have not ended.", [[`max(active_sessions_total{${B}})`, "people"]], { type: "stat" }],
    ["Submissions", "short", "In the period shown.", [[`sum(increase(submissions_total{${B}}[$__range]))`, "submissions"]], { type: "stat" }],
    ["Changes saved", "ops", "Each is a change that a student typed, safe on the disk.", [[`sum(${rate("journal_changes_total")})`, "changes"]]],
    ["Page views", "ops", "", [[`sum(${rate("page_views_total")})`, "pages"]]],
    ["Pages", "ops", "The most visited.", [[`topk(10, sum by (page) (${rate("page_views_total")}))`, "{{page}}"]], { wide: true }],
    ["Features", "ops", "What people do, by server function.", [[`topk(12, sum by (route) (${rate("http_requests_total", 'route=~"/rpc/.*",method="POST"')}))`, "{{route}}"]], { wide: true }],
    ["Programs", "reqps", "Requests to the interface for programs.", [[`sum by (route) (${rate("http_requests_total", 'route=~"/api/.*"')})`, "{{route}}"]]],
    ["Refused sign-ins", "ops", "", [[`sum(${rate("auth_failed_attempts_total")})`, "refused"]]],
    ["Failed uploads", "ops", "", [[`sum(${rate("file_upload_errors_total")})`, "failed"]]],
    ["Refused by a limit", "ops", "", [[`sum by (limit) (${rate("limits_refused_total")})`, "{{limit}}"]]],
  ] },
};

function panel([title, unit, description, targets, options = {}], id, gridPos) {
  const type = options.type ?? "timeseries";
  const steps = [{ color: "green", value: null }];
  if (options.warn !== undefined) steps.push({ color: "orange", value: options.warn });
  if (options.bad !== undefined) steps.push({ color: "red", value: options.bad });
  const custom = type === "timeseries" ? { drawStyle: "line", lineWidth: 2, fillOpacity: 8, showPoints: "never", spanNulls: true, thresholdsStyle: { mode: options.bad === undefined ? "off" : "dashed" } } : {};
  return {
    id, type, title, description, gridPos, datasource: { type: "prometheus", uid: "prometheus" },
    fieldConfig: { defaults: { unit, min: unit === "s" && title.includes("ends in") ? undefined : 0, max: options.max, custom, thresholds: { mode: "absolute", steps } }, overrides: [] },
    options: type === "timeseries" ? { legend: { displayMode: "list", placement: "bottom", showLegend: true }, tooltip: { mode: "multi", sort: "desc" } } : {},
    targets: targets.map(([expr, legendFormat], index) => ({ refId: String.fromCharCode(65 + index), expr, legendFormat, datasource: { type: "prometheus", uid: "prometheus" } })),
  };
}
for (const [name, board] of Object.entries(boards)) {
  const panels = [];
  let x = 0, y = 0, id = 1;
  for (const entry of board.panels) {
    if (typeof entry === "string") {
      if (x) { x = 0; y += 8; }
      panels.push({ id: id++, type: "row", title: entry, collapsed: false, gridPos: { x: 0, y: y++, w: 24, h: 1 }, panels: [] });
      continue;
    }
    const w = entry[4]?.wide ? 24 : 12;
    if (x + w > 24) { x = 0; y += 8; }
    panels.push(panel(entry, id++, { x, y, w, h: 8 }));
    x += w;
  }
  const dashboard = {
    uid: `auto-grader-${name}`, title: board.title, tags: ["auto-grader"], schemaVersion: 39, version: 1, editable: false, timezone: "browser",
    time: { from: "now-6h", to: "now" }, refresh: "30s", templating: { list: [] }, annotations: { list: [] },
    links: [{ type: "dashboards", tags: ["auto-grader"], title: "Auto-Grader", asDropdown: true }], panels,
  };
  fs.writeFileSync(path.join(here, "dashboards", `${name}.json`), `${JSON.stringify(dashboard, null, 1)}\n`);
}
