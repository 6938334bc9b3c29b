//! To a point in time: after a restore, the binary log from the backup's position on is replayed by the database's own tools.

use super::manifest::Manifest;
use super::source::place_of;
use anyhow::{Context, bail, ensure};
use app::time::Timestamp;
use sea_orm::sqlx::mysql::MySqlConnectOptions;
use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::str::FromStr as _;

/// Why this backup cannot go to a point in time, if so; asked before anything is changed.
pub fn possible(manifest: &Manifest, to: &str, logs: &[PathBuf], until: Timestamp) -> anyhow::Result<()> {
    ensure!(
        manifest.source == "mysql" && to.starts_with("mysql:"),
        "a point in time needs the binary log of MySQL or MariaDB, and this backup is of {}. Nothing was changed. Restore the newest backup before that time instead",
        manifest.source
    );
    ensure!(
        manifest.log_position.is_some(),
        "the backup {} does not know where the binary log stood: the server kept none, or the account may not ask. Nothing was changed",
        manifest.id
    );
    ensure!(
        !logs.is_empty(),
        "name the binary log's files with --binlog, oldest first. Nothing was changed"
    );
    ensure!(
        until > manifest.created_at,
        "the backup {} is of {}, which is after that time. Nothing was changed. Take an earlier backup",
        manifest.id,
        manifest.created_at.rfc3339()
    );
    for log in logs {
        ensure!(log.exists(), "{} is not there. Nothing was changed", log.display());
    }
    Ok(())
}

/// The files from the one the backup knows on, in order.
fn needed(logs: &[PathBuf], first: &str) -> anyhow::Result<Vec<PathBuf>> {
    let name = |path: &PathBuf| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    let mut sorted = logs.to_vec();
    sorted.sort_by_key(name);
    let start = sorted.iter().position(|path| name(path) == first);
    let start = start
        .with_context(|| format!("the binary log {first}, where the backup stands, is not among the files given"))?;
    Ok(sorted.split_off(start))
}

/// Replays everything up to, not including, `until`.
pub fn replay(manifest: &Manifest, to: &str, logs: &[PathBuf], until: Timestamp, scratch: &Path) -> anyhow::Result<()> {
    let position = manifest.log_position.as_ref().context("the backup knows no position")?;
    let logs = needed(logs, &position.file)?;
    let options = MySqlConnectOptions::from_str(to)?;
    let database = options
        .get_database()
        .context("the database's address names no schema")?
        .to_owned();
    let account = scratch.join("account.cnf");
    write_account(&account, to)?;
    let reader = ["mariadb-binlog", "mysqlbinlog"]
        .into_iter()
        .find(|name| is_there(name));
    let client = ["mariadb", "mysql"].into_iter().find(|name| is_there(name));
    let (Some(reader), Some(client)) = (reader, client) else {
        bail!(
            "replaying needs mariadb-binlog and mariadb (or mysqlbinlog and mysql), from the package mariadb-client or mysql-client"
        );
    };
    let stop = chrono::DateTime::from_timestamp_micros(until.0).context("that time cannot be written")?;
    let mut reading = std::process::Command::new(reader);
    reading
        .arg("--no-defaults")
        .arg(format!("--start-position={}", position.position))
        .arg(format!("--stop-datetime={}", stop.format("%Y-%m-%d %H:%M:%S")))
        .arg(format!("--rewrite-db={}->{}", position.database, database))
        .arg(format!("--database={database}"))
        .args(&logs)
        // Times in the log are read in the zone of the reader.
        .env("TZ", "UTC")
        .stdout(Stdio::piped());
    let mut reading = reading.spawn().with_context(|| format!("{reader} cannot be started"))?;
    let events = reading.stdout.take().context("no output")?;
    let mut writing = std::process::Command::new(client)
        .arg(format!("--defaults-extra-file={}", account.display()))
        .arg("--binary-mode")
        .arg(&database)
        .stdin(Stdio::piped())
        .spawn()
        .with_context(|| format!("{client} cannot be started"))?;
    let into = writing.stdin.take().context("no input")?;
    // A client that stops at an error closes its end: its status says so.
    let passed_on = without_numbers(BufReader::new(events), into);
    let (written, read) = (writing.wait()?, reading.wait()?);
    ensure!(
        passed_on.is_ok() && read.success() && written.success(),
        "the binary log could not be replayed into {} to the end: the database stands somewhere between the backup and that time. Restore again",
        place_of(to)
    );
    Ok(())
}

/// Passes the events on without the numbers they had in the log's own history: replayed, they are new events of this server, and one that
/// keeps its numbers in order refuses old ones.
fn without_numbers(mut events: impl BufRead, mut into: impl std::io::Write) -> std::io::Result<()> {
    const NUMBERS: [&[u8]; 4] = [
        b"/*M!100001 SET @@session.gtid_",
        b"/*!100001 SET @@session.gtid_",
        b"/*M!100001 SET @@session.server_id=",
        b"SET @@SESSION.GTID_NEXT=",
    ];
    let mut line = Vec::new();
    while events.read_until(b'\n', &mut line)? > 0 {
        if !NUMBERS.iter().any(|start| line.starts_with(start)) {
            into.write_all(&line)?;
        }
        line.clear();
    }
    into.flush()
}

/// Passwords never stand on a command line.
fn write_account(path: &Path, to: &str) -> anyhow::Result<()> {
    let url: url::Url = to.parse()?;
    let decode = |text: &str| percent(text);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "[client]")?;
    writeln!(file, "host=\"{}\"", url.host_str().unwrap_or("127.0.0.1"))?;
    writeln!(file, "port={}", url.port().unwrap_or(3306))?;
    writeln!(file, "protocol=tcp")?;
    writeln!(file, "user=\"{}\"", decode(url.username()))?;
    if let Some(password) = url.password() {
        writeln!(
            file,
            "password=\"{}\"",
            decode(password).replace('\\', "\\\\").replace('"', "\\\"")
        )?;
    }
    Ok(())
}

/// `%40` as `@`.
fn percent(text: &str) -> String {
    let pair = format!("x={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes())
        .next()
        .map_or_else(|| text.to_owned(), |(_, value)| value.into_owned())
}

fn is_there(program: &str) -> bool {
    let found = std::process::Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    found.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_read_from_the_file_the_backup_knows_on() {
        let logs = ["/x/log.000003", "/x/log.000001", "/x/log.000002"].map(PathBuf::from);
        let names = needed(&logs, "log.000002").expect("there");
        assert_eq!(names, ["/x/log.000002", "/x/log.000003"].map(PathBuf::from));
        assert!(needed(&logs, "log.000009").is_err());
    }

    #[test]
    fn events_are_replayed_under_numbers_of_their_own() {
        let log = "/*M!100001 SET @@session.gtid_domain_id=0*//*!*/;\n/*M!100001 SET @@session.gtid_seq_no=7*//*!*/;\nSTART TRANSACTION\n/*!*/;\n\
            SET @@SESSION.GTID_NEXT= 'AUTOMATIC' /*!*/;\nBINLOG '\nxyz=\n'/*!*/;\nCOMMIT";
        let mut passed_on = Vec::new();
        without_numbers(log.as_bytes(), &mut passed_on).expect("written");
        assert_eq!(
            String::from_utf8_lossy(&passed_on),
            "START TRANSACTION\n/*!*/;\nBINLOG '\nxyz=\n'/*!*/;\nCOMMIT"
        );
    }

    #[test]
    fn a_password_is_decoded() {
        assert_eq!(percent("a%40b+c"), "a@b+c");
    }
}
