//! What people and programs should not send. Each is refused with the right status and clear words, or taken without harm; nothing is
//! lost, nothing panics, and the log holds neither passwords nor answers.

mod files;
mod forms;
mod json;
mod markup;
mod operations;
mod secrets;
mod sense;
mod unread;

use super::support::{Client, Reply, logged};
use reqwest::Method;

/// Collects what surprised, so that one run shows all of it.
#[derive(Default)]
struct Cases {
    tried: u32,
    wrong: Vec<String>,
}

impl Cases {
    /// The status, and a part of the words.
    fn expect(&mut self, what: &str, reply: &Reply, status: u16, says: &str) {
        self.tried += 1;
        if reply.status != status || !reply.text.contains(says) {
            let text: String = reply.text.chars().take(300).collect();
            self.wrong.push(format!(
                "{what}: {} instead of {status} with “{says}”: {text}",
                reply.status
            ));
        }
        let revealing = ["panicked", "sqlx", "SELECT ", "INSERT ", ".rs:", "src/"];
        if let Some(word) = revealing.iter().find(|word| reply.text.contains(**word)) {
            self.wrong
                .push(format!("{what}: the answer tells about the inside: {word}"));
        }
    }

    fn is(&mut self, what: &str, good: bool, otherwise: impl std::fmt::Display) {
        self.tried += 1;
        if !good {
            self.wrong.push(format!("{what}: {otherwise}"));
        }
    }

    fn end(self, least: u32) {
        assert!(
            self.wrong.is_empty(),
            "{} of {} cases:\n{}",
            self.wrong.len(),
            self.tried,
            self.wrong.join("\n")
        );
        assert!(self.tried >= least, "only {} cases", self.tried);
        assert!(!logged().contains("panic:"), "something panicked");
    }
}

async fn raw(client: &Client, method: Method, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> Reply {
    client
        .send(client.request(method, path).header("content-type", kind).body(body))
        .await
}

async fn json_text(client: &Client, path: &str, body: impl Into<reqwest::Body>) -> Reply {
    raw(
        client,
        Method::POST,
        &format!("/api/v1{path}"),
        "application/json",
        body,
    )
    .await
}
