//! Sending mail: from the outbox to an SMTP server.
//!
//! `sender` claims mails from the outbox and stores what became of each; `smtp` speaks with the server. The states of a mail, and why nothing
//! is sent twice, are told in `app::mail::delivery`.

mod sender;
mod smtp;

pub use sender::{Round, Sender};
pub use smtp::{Patience, Smtp};

use crate::config::Config;
use anyhow::Context;
use app::mail::Settings;

/// What the rooms need to know, from the configuration.
pub fn settings(config: &Config) -> anyhow::Result<Settings> {
    let public_url = config
        .server
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{}", config.server.addr));
    let public_url = public_url.trim().trim_end_matches('/').to_owned();
    let parsed = url::Url::parse(&public_url).context("PUBLIC_URL is no address")?;
    anyhow::ensure!(
        matches!(parsed.scheme(), "http" | "https"),
        "PUBLIC_URL must begin with https:// or http://"
    );
    let smtp = smtp(config)?;
    if smtp.is_some() && config.server.public_url.is_none() {
        tracing::warn!(
            public_url,
            "PUBLIC_URL is not set: links in mails lead to the address this server listens on"
        );
    }
    config
        .mail
        .from
        .parse::<lettre::message::Mailbox>()
        .context("MAIL_FROM must look like Name <name@host>")?;
    Ok(Settings {
        public_url: public_url.into(),
        enabled: smtp.is_some(),
        from: config.mail.from.clone().into(),
        through: smtp.map(|smtp| smtp.place()).unwrap_or_default().into(),
    })
}

/// The server to send through; nothing when mail is off.
pub fn smtp(config: &Config) -> anyhow::Result<Option<Smtp>> {
    let Some(url) = &config.mail.url else {
        return Ok(None);
    };
    let ca = match &config.mail.ca_file {
        Some(file) => Some(std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?),
        None => None,
    };
    Ok(Some(Smtp::new(url, ca.as_deref())?))
}
