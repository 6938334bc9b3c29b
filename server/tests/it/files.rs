//! Moving files between stores by the command, with a separate object store: broken off, gone on, verified, and only then deleted.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SECRET: &str = "a secret key for the tests only";

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_auto-grader"));
    command
        .env("AWS_ACCESS_KEY_ID", "tests")
        .env("AWS_SECRET_ACCESS_KEY", SECRET);
    command.env_remove("DATABASE_URL").stderr(Stdio::null());
    command
}

/// `storage serve` as a process of its own.
struct Store {
    child: Child,
    endpoint: String,
}

impl Store {
    fn start(folder: &Path) -> Store {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = program()
            .args(["storage", "serve", "--addr", &format!("127.0.0.1:{port}"), "--dir"])
            .arg(folder.join("store"))
            .current_dir(folder)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "the store does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Store {
            child,
            endpoint: format!("http://127.0.0.1:{port}"),
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn migrate(folder: &Path, store: &Store, from: &str, to: &str, more: &[&str]) -> Command {
    let mut command = program();
    command
        .args(["files", "migrate", "--data-dir", "data", "--from", from, "--to", to])
        .args(more)
        .env("S3_ENDPOINT", &store.endpoint)
        .current_dir(folder);
    command
}

fn run(mut command: Command) -> (bool, String) {
    let output = command.output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

/// Every file below, by its path from there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut left = vec![folder.to_owned()];
    while let Some(here) = left.pop() {
        for entry in std::fs::read_dir(here).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                let key = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(key, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn files_move_to_a_bucket_and_back_and_none_is_deleted_too_early() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let store = Store::start(folder);
    let source = folder.join("old");
    for number in 0..60u32 {
        let place = source.join(format!("files/{}", number % 7));
        std::fs::create_dir_all(&place).unwrap();
        // One larger than a part of a multipart upload; names with letters of all kinds; an empty one.
        let size = if number == 3 { 9_000_000 } else { number as usize * 997 };
        let content: Vec<u8> = (0..size)
            .map(|at| (at as u32).wrapping_mul(31).wrapping_add(number) as u8)
            .collect();
        std::fs::write(place.join(format!("{number} ä & b.txt")), content).unwrap();
    }
    let before = files(&source);
    let (from, to) = ("old", "s3://moved");

    let (fine, said) = run(migrate(folder, &store, from, to, &["--dry-run"]));
    assert!(
        fine && said.contains("60 files, 0 verified already, 60 to copy"),
        "{said}"
    );
    assert_eq!(said.lines().filter(|line| line.starts_with("would copy")).count(), 60);

    // Cut off in the middle, as often as it takes to see it.
    let state = folder.join("files-migration.jsonl");
    let mut child = migrate(folder, &store, from, to, &[])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while std::fs::read_to_string(&state).map_or(0, |text| text.lines().count()) < 10 {
        assert!(began.elapsed() < Duration::from_secs(60), "nothing is copied");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(files(&source), before, "a copy changes nothing at the source");

    let (fine, said) = run(migrate(folder, &store, from, to, &[]));
    assert!(fine && said.contains("Every file is verified"), "{said}");
    assert!(!said.contains(" 0 verified already"), "it began anew: {said}");
    let (fine, said) = run(migrate(folder, &store, from, to, &[]));
    assert!(fine && said.contains("60 verified already, 0 to copy"), "{said}");

    // Back, into a folder; only when everything is there the source goes.
    let state = ["--state", "back.jsonl", "--delete-source"];
    let (fine, said) = run(migrate(folder, &store, to, "new", &state));
    assert!(fine && said.contains("Deleted 60 files at the source."), "{said}");
    assert_eq!(files(&folder.join("new")), before);
    let (fine, said) = run(migrate(
        folder,
        &store,
        to,
        "new",
        &["--state", "again.jsonl", "--dry-run"],
    ));
    assert!(fine && said.starts_with("0 files"), "{said}");

    // With a wrong key nothing is copied and nothing deleted.
    let mut stranger = migrate(folder, &store, "new", "s3://other", &["--delete-source"]);
    stranger.env("AWS_SECRET_ACCESS_KEY", "not the key");
    assert!(!run(stranger).0);
    assert_eq!(files(&folder.join("new")), before);
}
