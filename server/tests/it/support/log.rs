//! Everything the server logs, kept for tests that look whether it holds what it must not.

use std::io::Write;
use std::sync::{Mutex, Once};
use tracing_subscriber::EnvFilter;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static START: Once = Once::new();

pub fn start() {
    START.call_once(|| {
        let filter = EnvFilter::new("debug,sqlx=info,hyper=info,reqwest=info,hyper_util=info,h2=info");
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(false)
            .with_writer(|| Kept)
            .try_init()
            .unwrap();
    });
}

/// What was logged so far, by all tests of this process.
pub fn logged() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned()
}

struct Kept;

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
