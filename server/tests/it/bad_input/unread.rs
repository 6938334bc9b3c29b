//! Bodies nobody reads.

use crate::support::TestApp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Asked without a token, the API answers before it has read anything; who goes on sending must still get to read the answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_early_answer_survives_what_is_still_being_sent() {
    const BYTES: usize = 12_000_000;
    let app = TestApp::start().await;
    let address = app.base.strip_prefix("http://").unwrap().to_owned();
    for round in 0..5 {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let head = format!(
            "POST /api/v1/courses HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
             content-length: {BYTES}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        for _ in 0..BYTES / 1_000_000 {
            let sent = stream.write_all(&[b' '; 1_000_000]).await;
            sent.unwrap_or_else(|error| panic!("round {round}: cut off: {error}"));
        }
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 401"), "round {round}: {answer}");
    }
}
