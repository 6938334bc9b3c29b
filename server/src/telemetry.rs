//! Logs: one line per request and per thing worth knowing, as text or JSON, with the incident id; to standard error or to a file.

use crate::config::Log;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

/// Starts logging. Libraries are quiet unless asked. A log file that cannot be opened is an error on standard error, where lines then go.
pub fn start(log: &Log) {
    let filter = EnvFilter::try_new(format!(
        "{},sqlx=warn,hyper=warn,aws_smithy_runtime=warn,aws_sdk_s3=warn,s3s=warn",
        log.level
    ))
    .unwrap_or_else(|_| EnvFilter::new("info"));
    let opened = log.file.clone().map(Rotated::open);
    let (writer, trouble) = match opened {
        Some(Ok(file)) => (BoxMakeWriter::new(Mutex::new(file)), None),
        Some(Err(error)) => (BoxMakeWriter::new(io::stderr), Some(error)),
        None => (BoxMakeWriter::new(io::stderr), None),
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    // A second start, as in tests, keeps the first.
    let _ = match log.format.as_str() {
        "json" => builder.json().flatten_event(true).try_init(),
        _ => builder.with_target(false).try_init(),
    };
    if let Some(error) = trouble {
        tracing::error!(%error, file = ?log.file, "the log file cannot be opened; lines go to standard error");
    }
}

/// How often a writer looks whether its file is still the one under its name.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A file that others may move away while it is written.
struct Rotated {
    path: PathBuf,
    file: File,
    looked: Instant,
}

impl Rotated {
    fn open(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        Ok(Self {
            path,
            file,
            looked: Instant::now(),
        })
    }

    fn follow(&mut self) {
        if self.looked.elapsed() < LOOK_EVERY {
            return;
        }
        self.looked = Instant::now();
        let same = |a: fs::Metadata, b: fs::Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
        let still = match (fs::metadata(&self.path), self.file.metadata()) {
            (Ok(named), Ok(open)) => same(named, open),
            _ => false,
        };
        // What cannot be opened anew goes on into the old file: better there than nowhere.
        if !still && let Ok(fresh) = Rotated::open(self.path.clone()) {
            *self = fresh;
        }
    }
}

impl Write for Rotated {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.follow();
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_moved_away_is_begun_anew() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let (path, moved) = (folder.path().join("a.log"), folder.path().join("a.log.1"));
        let mut log = Rotated::open(path.clone())?;
        writeln!(log, "before")?;
        fs::rename(&path, &moved)?;
        log.looked -= LOOK_EVERY;
        writeln!(log, "after")?;
        assert_eq!(fs::read_to_string(&moved)?, "before\n");
        assert_eq!(fs::read_to_string(&path)?, "after\n");
        Ok(())
    }
}
