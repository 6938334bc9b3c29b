//! Reading hostile files without harm: PDFs in a child process with limits on memory and time, everything else on a blocking
//! thread. At most two files at once.
//!
//! The child is this program started as `auto-grader extract-text <kind>`: the file comes on standard input, the outcome
//! leaves as JSON in the last line of standard output. When it crashes, hangs or eats, only the child ends.

use super::{Outcome, extract};
use crate::error::{AppError, AppResult};
use crate::file::model::FileKind;
use axum::body::Bytes;
use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::sync::OnceLock;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::sync::Semaphore;

/// The subcommand that leads to `child_main`.
pub const COMMAND: &str = "extract-text";

const PATIENCE: Duration = Duration::from_secs(20);
/// Seconds of processor time and kilobytes of memory for the child; the shell sets them, and they hold for what it becomes.
const LIMITED: &str = "ulimit -t 15 && ulimit -v 1500000 && ulimit -c 0 && exec \"$0\" \"$@\"";
const TOO_HARD: &str = "The file could not be read within the limits of time and memory: it is damaged or too complex. Export it again, or attach it as plain text.";

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Tells which program to start for hostile files: the server, once, at its start, names itself. Without it (in tests) they are
/// read on a thread of this process.
pub fn use_program(program: PathBuf) {
    // A second call changes nothing.
    let _ = PROGRAM.set(program);
}

/// Reads the text of a file.
pub async fn run(kind: FileKind, bytes: Bytes) -> AppResult<Outcome> {
    static PLACES: Semaphore = Semaphore::const_new(2);
    let _place = PLACES.acquire().await.map_err(AppError::internal)?;
    match (kind, PROGRAM.get()) {
        (FileKind::Pdf, Some(program)) => in_child(program, kind, &bytes).await,
        _ => on_thread(kind, bytes).await,
    }
}

async fn in_child(program: &PathBuf, kind: FileKind, bytes: &[u8]) -> AppResult<Outcome> {
    let mut child = Command::new("/bin/sh")
        .args(["-c", LIMITED])
        .arg(program)
        .args([COMMAND, kind.ending()])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(AppError::internal)?;
    let mut input = child
        .stdin
        .take()
        .ok_or_else(|| AppError::internal("the reader of files has no input"))?;
    let talk = async {
        let send = async {
            // A child that ends early closes its input; its outcome tells more than this error.
            let _ = input.write_all(bytes).await;
            drop(input);
        };
        let (output, ()) = futures::join!(child.wait_with_output(), send);
        output
    };
    match tokio::time::timeout(PATIENCE, talk).await {
        Ok(Ok(output)) => {
            let last = output
                .stdout
                .rsplit(|byte| *byte == b'\n')
                .find(|line| !line.is_empty())
                .unwrap_or_default();
            Ok(serde_json::from_slice(last).unwrap_or_else(|_| Err(TOO_HARD.into())))
        }
        Ok(Err(error)) => Err(AppError::internal(error)),
        Err(_) => Ok(Err(TOO_HARD.into())),
    }
}

async fn on_thread(kind: FileKind, bytes: Bytes) -> AppResult<Outcome> {
    let work = tokio::task::spawn_blocking(move || guarded(kind, &bytes));
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(outcome) => outcome.map_err(AppError::internal),
        Err(_) => Ok(Err(TOO_HARD.into())),
    }
}

fn guarded(kind: FileKind, bytes: &[u8]) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| extract(kind, bytes))).unwrap_or_else(|_| Err(TOO_HARD.into()))
}

/// What the child does; `kind` is the argument after `COMMAND`.
pub fn child_main(kind: &str) -> ExitCode {
    // A panic is an outcome here, told on standard output.
    std::panic::set_hook(Box::new(|_| {}));
    let Some(kind) = FileKind::ALL.into_iter().find(|known| known.ending() == kind) else {
        return ExitCode::from(2);
    };
    let mut bytes = Vec::new();
    if std::io::stdin().lock().read_to_end(&mut bytes).is_err() {
        return ExitCode::FAILURE;
    }
    let Ok(line) = serde_json::to_string(&guarded(kind, &bytes)) else {
        return ExitCode::FAILURE;
    };
    // Readers of PDF print remarks; the outcome stands alone in the last line.
    match writeln!(std::io::stdout().lock(), "\n{line}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
