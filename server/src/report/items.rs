//! What a launch asks for: one line for each numbered item, and the evidence that shows it.
//!
//! A need is the id of a check, or the first words of several: `staging.nginx` is met by `staging.nginx.tls`. Where there is more than one
//! way to show something, they are separated by `|`. A person signs what no program can see, and whatever there is no evidence of.

/// One numbered item.
pub struct Item {
    pub number: &'static str,
    pub part: &'static str,
    pub must: &'static str,
    pub needs: &'static [&'static str],
    /// Who answers for it.
    pub who: &'static str,
    /// What that person must see with their own eyes, also when all checks pass; empty where nothing is left.
    pub sign: &'static str,
}

/// A group of items: its number in the operations page, and a title.
pub const CHAPTERS: [(&str, &str); 4] = [
    ("1", "The running system"),
    ("2", "Health and numbers"),
    ("3", "The procedures, as commands"),
    ("5", "Documents"),
];

const fn item(
    number: &'static str,
    part: &'static str,
    must: &'static str,
    needs: &'static [&'static str],
    who: &'static str,
    sign: &'static str,
) -> Item {
    Item {
        number,
        part,
        must,
        needs,
        who,
        sign,
    }
}

const OPS: &str = "Operations";
const LEAD: &str = "Launch lead";

/// Every numbered item: number, part, what must be there, needs, who, what is left to sign.
#[rustfmt::skip]
pub const ITEMS: &[Item] = &[
    item("1.1", "Nginx", "TLS 1.3, redirect, HSTS, limits, unbuffered streams, precompressed static files, several processes behind it",
        &["launch.tls", "launch.tls12|launch.tls", "launch.pages", "staging.nginx"], OPS, ""),
    item("1.2", "Application cluster", "Several serving processes and workers, replaced without a failed request, work handed back",
        &["launch.ready", "deploy", "faults.worker"], OPS, ""),
    item("1.3", "Database with replication", "Primary and replica, encrypted, lag watched, failover without loss",
        &["launch.database", "launch.replicas", "faults.database"], OPS, ""),
    item("1.4", "Redis", "Sessions, counters, fan-out; losing it loses no submission and no grade",
        &["launch.cache", "faults.redis"], OPS, ""),
    item("1.5", "Object store", "All files by pre-signed addresses, checksums kept and verified",
        &["launch.storage", "smoke.file", "faults.s3"], OPS, ""),
    item("1.6", "Grader", "The model computes what it should on the device it runs on",
        &["launch.grader"], OPS, ""),
    item("1.7", "Web application", "Pages and the programs' listener answer",
        &["launch.health", "launch.api", "smoke.sign_in"], OPS, ""),
    item("1.8", "Compose files", "docker-compose.prod.yml and docker-compose.stable.yml complete: health checks, limits, secrets by file",
        &["compose"], OPS, ""),
    item("1.9", "Prometheus", "Scrapes application, database, Redis, machine and Nginx every 15 seconds",
        &["monitoring.targets", "staging.prometheus"], OPS, ""),
    item("1.10", "Grafana", "Four dashboards whose every query resolves to a series",
        &["staging.dashboards"], OPS, "The four dashboards are open and show today's figures"),
    item("1.11", "Logs", "JSON lines with incident ids, pipeline, index template, logrotate",
        &["staging.logs", "staging.logrotate"], OPS, "Kibana shows today's lines, and an incident id leads to its request"),
    item("1.12", "Alert rules", "Each rule fires on its case and stays quiet on the neighbour",
        &["staging.alerts", "monitoring.rules"], OPS, "A test alert reached the person on call"),
    item("1.13", "Certificates", "Apex, www. and api. names, renewed by themselves, end watched",
        &["launch.certificates|launch.tls", "launch.names"], OPS, "DNS leads here; a public authority issued the certificate; a renewal was tried with --dry-run"),
    item("1.14", "Mail", "Outbox with retries, templates, preferences and quiet hours; arrives",
        &["launch.mail", "post.mail"], OPS, "A mail arrived in an inbox outside, not among junk (SPF, DKIM, DMARC)"),
    item("1.15", "Staging", "The whole shape, on which migrations and restores are rehearsed",
        &["staging"], OPS, ""),
    item("1.16", "Firewall", "Only 80, 443 and 22 can be reached",
        &["firewall"], "Security", "deploy/firewall/check.sh with the host's name, run from another network"),

    item("2.1", "GET /health", "Alive: JSON, 200", &["launch.health"], OPS, ""),
    item("2.2", "GET /health/ready", "Each part with its latency; 503 when it cannot serve", &["launch.ready"], OPS, ""),
    item("2.3", "/api/health, /api/metrics", "Aliases answer the same", &["live.aliases"], OPS, ""),
    item("2.4", "GET /metrics", "Prometheus text format", &["live.metrics"], OPS, ""),
    item("2.5", "http_requests_total", "By method, route and status", &["live.http_requests_total"], OPS, ""),
    item("2.6", "http_request_duration_seconds", "A histogram", &["live.http_request_duration_seconds"], OPS, ""),
    item("2.7", "active_sessions_total", "Exported", &["live.active_sessions_total"], OPS, ""),
    item("2.8", "ml_queue_size", "Exported", &["live.ml_queue_size"], OPS, ""),
    item("2.9", "auth_failed_attempts_total", "Exported", &["live.auth_failed_attempts_total"], OPS, ""),
    item("2.10", "file_upload_errors_total", "Exported", &["live.file_upload_errors_total"], OPS, ""),
    item("2.11", "Time to answer", "95 % of requests within 2 s", &["load.p95|monitoring.p95"], LEAD, ""),
    item("2.12", "Throughput", "More than 100 requests a second", &["load.throughput"], LEAD, ""),
    item("2.13", "Errors", "Less than 1 %", &["load.errors|monitoring.errors"], LEAD, ""),
    item("2.14", "CPU and memory", "Less than 70 % of each", &["load.resources|monitoring.cpu", "load.resources|monitoring.memory"], LEAD, ""),
    item("2.15", "Users at once", "500 and more", &["load.users"], LEAD, ""),
    item("2.16", "Uptime", "99.9 %", &["monitoring.uptime"], LEAD, ""),

    item("3.1", "scripts/pre-launch-verification.sh", "Services, database, cache, store, grader, TLS, DNS, disk, clock, migrations, backups",
        &["launch.configuration", "launch.ready", "launch.database", "launch.cache", "launch.storage", "launch.grader", "launch.tls", "launch.names",
            "launch.disk", "launch.clock", "launch.schema", "launch.backups"], OPS, ""),
    item("3.2", "scripts/smoke-tests.sh", "Register and sign in, create and submit, grade, upload and download, dashboards; cleans up",
        &["smoke.register", "smoke.signed_in", "smoke.submit", "smoke.graded", "smoke.file", "smoke.dashboard", "smoke.clean_up", "smoke"], OPS, ""),
    item("3.3", "scripts/verify-migration.sh", "SQL shown first, backup first, sums before and after; tables, files, accounts whole",
        &["migration.schema", "migration.tables", "migration.references", "migration.rows", "migration.audit", "migration.accounts",
            "migration.files"], OPS, ""),
    item("3.4", "scripts/migrate-file-storage.sh", "Resumable, checksummed, dry run, nothing deleted until verified", &["files.migrate"], OPS, ""),
    item("3.5", "Backup", "Daily, 30 days, encrypted, and restored to a scratch place and compared", &["launch.backups"], OPS,
        "The private key is kept in two places, neither of them the server"),
    item("3.6", "scripts/rollback.sh", "The previous version within 5 minutes, keeping every submission made since", &["rollback", "restore"], OPS, ""),
    item("3.7", "Maintenance", "People told ahead, read-only mode, what is typed is kept", &["maintenance"], OPS, ""),
    item("3.8", "scripts/deploy.sh", "No failed request during the switch, under load", &["deploy"], OPS, ""),
    item("3.9", "scripts/post-launch-verification.sh", "A file sent, an answer graded, a mail delivered", &["smoke.file", "smoke.graded", "post.mail"], OPS, ""),
    item("3.10", "auto-grader launch report", "This report: signed, and checked again after writing", &["report.signature"], LEAD, ""),

    item("5.1", "User manual, students", "Served at /help/student", &["live.documents.student"], "Support", ""),
    item("5.2", "User manual, teachers", "Served at /help/teacher", &["live.documents.teacher"], "Support", ""),
    item("5.3", "Administrator guide", "Served at /help/administrator", &["live.documents.administrator"], OPS, ""),
    item("5.4", "API documentation", "/api/openapi.json, readable at /api/docs", &["live.documents.api", "live.documents.openapi"], OPS, ""),
    item("5.5", "Deployment guide", "Served at /help/deployment, with monitoring", &["live.documents.deployment", "live.documents.monitoring"], OPS, ""),
    item("5.6", "Launch runbook", "Checklists, timeline, messages, escalation, rollback triggers, reviews", &["live.documents.launch"], LEAD,
        "Contacts are filled in, shifts are covered, the go decision is taken"),
    item("5.7", "Troubleshooting", "Served at /help/troubleshooting", &["live.documents.troubleshooting"], "Support", ""),
    item("5.8", "Emergency response", "Served at /help/emergency", &["live.documents.emergency"], OPS,
        "A restore and a promotion of the replica were each done once by the people on call"),
    item("5.9", "Onboarding and training", "Introductions for teachers, administrators and support; a guided tour inside the application", &["live.documents.training", "smoke.tour"], "Support",
        "The three introductions were held, and each group has done what stands at their end"),
    item("5.10", "Pictures", "Made by the end-to-end tests, so that they cannot drift", &["pictures"], LEAD, ""),
];

/// How evidence is come by, by the first word of its id.
pub const WAYS: [(&str, &str); 17] = [
    ("launch", "this command, on the server's machine"),
    ("live", "this command, with --metrics-url for the numbers"),
    ("migration", "this command, where the database can be reached"),
    ("smoke", "this command with --walk, or scripts/smoke-tests.sh"),
    (
        "post",
        "this command with --walk and --mail-to, or scripts/post-launch-verification.sh",
    ),
    ("monitoring", "this command with --prometheus-url"),
    ("report", "this command"),
    ("staging", "make staging-verify"),
    ("deploy", "make staging-verify"),
    ("load", "make staging-load"),
    ("rollback", "make staging-verify, or scripts/verify-rollback.sh"),
    ("restore", "make staging-verify"),
    ("maintenance", "make staging-verify"),
    ("files", "make staging-verify, or scripts/migrate-file-storage.sh"),
    ("faults", "make staging-faults"),
    ("firewall", "deploy/firewall/check.sh"),
    ("compose", "make staging-verify"),
];

/// The way to evidence for a need, if a program can show it.
pub fn way(need: &str) -> Option<&'static str> {
    let first = need.split(['.', '|']).next().unwrap_or_default();
    WAYS.iter().find(|(word, _)| *word == first).map(|(_, way)| *way)
}

/// Whether a check with this id shows what is needed.
pub fn shows(need: &str, id: &str) -> bool {
    need.split('|').any(|one| {
        id.strip_prefix(one)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '_', '-']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_number_is_there_once_and_in_order() {
        let numbers: Vec<&str> = ITEMS.iter().map(|item| item.number).collect();
        let wanted = [("1", 16), ("2", 16), ("3", 10), ("5", 10)]
            .into_iter()
            .flat_map(|(chapter, last)| (1..=last).map(move |number| format!("{chapter}.{number}")));
        assert_eq!(numbers, wanted.collect::<Vec<_>>());
        let chapters: BTreeSet<&str> = numbers
            .iter()
            .filter_map(|number| Some(number.split_once('.')?.0))
            .collect();
        assert!(CHAPTERS.iter().all(|(number, _)| chapters.contains(number)) && chapters.len() == CHAPTERS.len());
    }

    #[test]
    fn every_item_says_what_shows_it_and_who_answers_for_it() {
        for item in ITEMS {
            assert!(!item.needs.is_empty() && !item.who.is_empty(), "{}", item.number);
            assert!(!item.part.is_empty() && !item.must.is_empty(), "{}", item.number);
        }
    }

    #[test]
    fn a_need_is_met_by_its_id_and_what_lies_below_it() {
        assert!(shows("faults.redis", "faults.redis-node"));
        assert!(shows("staging.nginx", "staging.nginx.tls"));
        assert!(shows("load.p95|monitoring.p95", "monitoring.p95"));
        assert!(!shows("launch.tls", "launch.tlsx"));
        assert!(!shows("launch.tls.extra", "launch.tls"));
    }
}
