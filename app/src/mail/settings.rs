//! What the rooms need to know about this installation's mail.

use std::sync::Arc;

/// Set once, from the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach this installation, without a slash at the end. Never taken from a request: a forged `Host` must not get into
    /// a link that resets a password.
    pub public_url: Arc<str>,
    /// Whether there is an SMTP server to send through.
    pub enabled: bool,
    /// Whom mails come from: `Auto-Grader <grader@school.example>`.
    pub from: Arc<str>,
    /// Where they go first, without credentials, for administrators.
    pub through: Arc<str>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:3000".into(),
            enabled: false,
            from: "Auto-Grader <auto-grader@localhost.localdomain>".into(),
            through: "".into(),
        }
    }
}

impl Settings {
    /// The whole address of one of our paths.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }

    /// The part after the `@` of `Message-ID`.
    pub fn domain(&self) -> &str {
        let host = self.public_url.split("://").nth(1).unwrap_or("localhost");
        let host = host.split(['/', ':']).next().unwrap_or_default();
        if host.is_empty() { "localhost" } else { host }
    }
}
