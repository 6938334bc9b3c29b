//! A real SMTP server (`scripts/smtp-sink.py`, on aiosmtpd) that keeps what it takes as files.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Sink {
    child: Child,
    pub port: u16,
    pub folder: tempfile::TempDir,
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sink {
    pub fn start(options: &[&str]) -> Sink {
        Sink::on(0, tempfile::tempdir().unwrap(), options)
    }

    /// On this port, with the mails of this folder.
    pub fn on(port: u16, folder: tempfile::TempDir, options: &[&str]) -> Sink {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/smtp-sink.py");
        let mut child = Command::new("/usr/bin/python3")
            .arg(script)
            .args([
                "--dir",
                &folder.path().display().to_string(),
                "--port",
                &port.to_string(),
            ])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is there; scripts/setup.sh test installs it");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let port = line.trim().strip_prefix("listening ").unwrap_or_else(|| {
            panic!("the SMTP server did not start; scripts/setup.sh test installs python3-aiosmtpd")
        });
        Sink {
            child,
            port: port.parse().unwrap(),
            folder,
        }
    }

    /// Stops it and gives back its folder.
    pub fn stop(mut self) -> (u16, tempfile::TempDir) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        (self.port, folder)
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=none", self.port)
    }

    /// The files of this recipient, in the order in which they came.
    pub fn files(&self, recipient: &str) -> Vec<PathBuf> {
        let ending = format!("-{recipient}.eml");
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.display().to_string().ends_with(&ending))
            .collect();
        files.sort();
        files
    }

    pub fn mails(&self, recipient: &str) -> Vec<String> {
        self.files(recipient)
            .iter()
            .map(|file| decoded(&std::fs::read_to_string(file).unwrap()))
            .collect()
    }

    /// Waits until this recipient has so many.
    pub async fn wait(&self, recipient: &str, number: usize) -> Vec<String> {
        let began = Instant::now();
        while self.files(recipient).len() < number {
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "{recipient} has {} mails, not {number}",
                self.files(recipient).len()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.mails(recipient)
    }
}

/// The head as it is, and the rest with quoted-printable undone: good enough to look for words and links.
fn decoded(raw: &str) -> String {
    let raw = raw.replace("\r\n", "\n");
    match raw.split_once("\n\n") {
        Some((head, body)) => format!("{head}\n\n{}", printable(body)),
        None => raw,
    }
}

fn printable(body: &str) -> String {
    let joined = body.replace("=\n", "");
    let mut bytes = Vec::with_capacity(joined.len());
    let source = joined.as_bytes();
    let mut at = 0;
    while at < source.len() {
        let pair = source
            .get(at + 1..at + 3)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        match pair
            .filter(|_| source[at] == b'=')
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
        {
            Some(byte) => {
                bytes.push(byte);
                at += 3;
            }
            None => {
                bytes.push(source[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
