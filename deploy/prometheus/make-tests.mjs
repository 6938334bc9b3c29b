// Writes tests/auto-grader.yml for `promtool test rules`: for each rule one case on which it must fire and a neighbour on which it must
// stay quiet. Kept as a table here, because promtool's own format repeats itself. usage: node make-tests.mjs
// Writes tests/long.yml too: what lasts for days is looked at in steps of 20 minutes.
const BACKEND = 'job="auto-grader-backend",instance="a"';
const HOUR = 60;
// alert, at minute, the case that fires, its neighbour, and the labels the alert carries; series as [name{labels}, values].
const cases = [
  ["TargetDown", 4, [['up{job="mysql",instance="x"}', "0x10"]], [['up{job="mysql",instance="x"}', "0 1x9"]]],
  ["HighErrorRate", 15,
    [[`http_requests_total{${BACKEND},status="500"}`, "0+6x20"], [`http_requests_total{${BACKEND},status="200"}`, "0+94x20"]],
    [[`http_requests_total{${BACKEND},status="500"}`, "0+4x20"], [`http_requests_total{${BACKEND},status="200"}`, "0+96x20"]]],
  ["SlowResponses", 20,
    [[`http_request_duration_seconds_sum{${BACKEND},route="/"}`, "0+210x30"], [`http_request_duration_seconds_count{${BACKEND},route="/"}`, "0+100x30"]],
    [[`http_request_duration_seconds_sum{${BACKEND},route="/"}`, "0+190x30"], [`http_request_duration_seconds_count{${BACKEND},route="/"}`, "0+100x30"],
      // An event stream is open for long, and not slow.
      [`http_request_duration_seconds_sum{${BACKEND},route="/assignments/{assignment}/progress"}`, "0+9000x30"],
      [`http_request_duration_seconds_count{${BACKEND},route="/assignments/{assignment}/progress"}`, "0+10x30"]]],
  ["CacheDown", 8, [[`cache_up{${BACKEND}}`, "0x20"]], [[`cache_up{${BACKEND}}`, "0x20"], ['cache_up{job="auto-grader-backend",instance="b"}', "1x20"]]],
  ["ObjectStoreErrors", 12, [[`object_store_errors_total{${BACKEND}}`, "0+12x20"]], [[`object_store_errors_total{${BACKEND}}`, "0+3x20"]]],
  ["MaintenanceForgotten", 5 * HOUR, [[`maintenance_active{${BACKEND}}`, "1x360"]], [[`maintenance_active{${BACKEND}}`, "1x200 0x160"]]],
  ["HighCpu", 25, [['node_cpu_seconds_total{mode="idle",instance="n",cpu="0"}', "0+9x40"]], [['node_cpu_seconds_total{mode="idle",instance="n",cpu="0"}', "0+15x40"]]],
  ["HighMemory", 20, [['node_memory_MemAvailable_bytes{instance="n"}', "5x30"], ['node_memory_MemTotal_bytes{instance="n"}', "100x30"]],
    [['node_memory_MemAvailable_bytes{instance="n"}', "20x30"], ['node_memory_MemTotal_bytes{instance="n"}', "100x30"]]],
  ["DiskSpaceLow", 8, [['node_filesystem_avail_bytes{instance="n",mountpoint="/",fstype="ext4"}', "9x20"], ['node_filesystem_size_bytes{instance="n",mountpoint="/",fstype="ext4"}', "100x20"]],
    [['node_filesystem_avail_bytes{instance="n",mountpoint="/",fstype="ext4"}', "11x20"], ['node_filesystem_size_bytes{instance="n",mountpoint="/",fstype="ext4"}', "100x20"],
      ['node_filesystem_avail_bytes{instance="n",mountpoint="/run",fstype="tmpfs"}', "1x20"], ['node_filesystem_size_bytes{instance="n",mountpoint="/run",fstype="tmpfs"}', "100x20"]]],
  ["CertificateExpires", 90, [['tls_certificate_expiry_timestamp_seconds{name="site"}', `${10 * 86400}x120`]], [['tls_certificate_expiry_timestamp_seconds{name="site"}', `${20 * 86400}x120`]]],
  ["CertificateNearlyGone", 5, [['tls_certificate_expiry_timestamp_seconds{name="site"}', `${2 * 86400}x20`]], [['tls_certificate_expiry_timestamp_seconds{name="site"}', `${5 * 86400}x20`]]],
  ["DatabaseConnectionFailure", 4, [[`database_up{${BACKEND}}`, "0x10"]], [[`database_up{${BACKEND}}`, "1 0 1x9"]]],
  ["DatabaseConnectionFailure", 4, [['mysql_up{server="primary",instance="m"}', "0x10"]], [['mysql_up{server="replica",instance="m"}', "0x10"]]],
  ["ReplicationLag", 8, [['database_replica_lag_seconds{replica="1"}', "40x20"]], [['database_replica_lag_seconds{replica="1"}', "20x20"]]],
  ["ReplicationStopped", 5, [['mysql_slave_status_slave_io_running{instance="m"}', "0x10"]], [['mysql_slave_status_slave_io_running{instance="m"}', "1x10"]]],
  ["DatabaseConnectionsNearlyUsed", 8, [['mysql_global_status_threads_connected{instance="m"}', "350x20"], ['mysql_global_variables_max_connections{instance="m"}', "400x20"]],
    [['mysql_global_status_threads_connected{instance="m"}', "300x20"], ['mysql_global_variables_max_connections{instance="m"}', "400x20"]]],
  ["GradingQueueStalled", 25, [[`ml_queue_size{${BACKEND}}`, "50x40"], [`answers_graded_total{${BACKEND}}`, "7x40"]],
    [[`ml_queue_size{${BACKEND}}`, "50x40"], [`answers_graded_total{${BACKEND}}`, "0+1x40"]]],
  ["AnswersGivenUp", 15, [[`grading_given_up{${BACKEND}}`, "2x30"]], [[`grading_given_up{${BACKEND}}`, "0x30"]]],
  ["OutboxStuck", 8, [[`mail_outbox_oldest_seconds{${BACKEND}}`, "2000x20"]], [[`mail_outbox_oldest_seconds{${BACKEND}}`, "1700x20"]]],
  ["SignInsUnderAttack", 20, [[`auth_failed_attempts_total{${BACKEND}}`, "0+180x30"]], [[`auth_failed_attempts_total{${BACKEND}}`, "0+60x30"]]],
  ["BackupMissing", 27 * HOUR, [[`backup_last_created_timestamp_seconds{${BACKEND}}`, "1x1700"]], [[`backup_last_created_timestamp_seconds{${BACKEND}}`, "7200x1700"]]],
  ["BackupUnproven", 51 * HOUR, [[`backup_last_proven_timestamp_seconds{${BACKEND}}`, "1x3200"]], [[`backup_last_proven_timestamp_seconds{${BACKEND}}`, "7200x3200"]]],
  ["BackupNeverMade", 27 * HOUR, [[`up{${BACKEND}}`, "1x1700"]], [[`up{${BACKEND}}`, "1x1700"], [`backup_last_created_timestamp_seconds{${BACKEND}}`, "90000x1700"]]],
  ["ScheduledJobLate", 51 * HOUR, [[`scheduled_job_last_success_timestamp_seconds{${BACKEND},exported_job="sweep"}`, "1x3200"]], [[`scheduled_job_last_success_timestamp_seconds{${BACKEND},exported_job="sweep"}`, "7200x3200"]]],
];

import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
const here = path.dirname(new URL(import.meta.url).pathname);
const { parse } = createRequire(path.join(here, "../../scripts/web-tools/package.json"))("yaml");
const rules = parse(fs.readFileSync(path.join(here, "rules/auto-grader.yml"), "utf8")).groups.flatMap((group) => group.rules);
const missing = rules.map((rule) => rule.alert).filter((name) => !cases.some(([alert]) => alert === name));
if (missing.length) throw new Error(`without a test: ${missing.join(", ")}`);

const quote = (text) => `'${text.replaceAll("'", "''")}'`;
const series = (list) => list.map(([name, values]) => `      - { series: ${quote(name)}, values: ${quote(values)} }`).join("\n");
const lines = { short: [], long: [] };
for (const [name, step] of [["short", "1m"], ["long", "20m"]])
  lines[name].push(`# Written by make-tests.mjs: change the table there.\nrule_files: [../rules/auto-grader.yml]\nevaluation_interval: ${step}\ntests:`);
for (const [alert, minute, fires, quiet] of cases) {
  const out = lines[minute > 10 * HOUR ? "long" : "short"];
  // Whether it fires is read from ALERTS, so that the words of the annotations are free.
  for (const [input, count] of [[fires, 1], [quiet, 0]]) {
    out.push(`  - name: ${alert} ${count ? "fires" : "stays quiet"}\n    interval: 1m\n    input_series:\n${series(input)}\n    promql_expr_test:`);
    out.push(`      - expr: ${quote(`count(ALERTS{alertname="${alert}",alertstate="firing"}) or vector(0)`)}\n        eval_time: ${minute}m\n        exp_samples: [{ value: ${count} }]`);
  }
}
fs.writeFileSync(path.join(here, "tests/auto-grader.yml"), `${lines.short.join("\n")}\n`);
fs.writeFileSync(path.join(here, "tests/long.yml"), `${lines.long.join("\n")}\n`);
