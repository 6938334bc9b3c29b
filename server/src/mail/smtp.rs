//! One conversation with an SMTP server, in two halves: `offer` up to its leave to send (354), `hand_over` the message itself.
//! Between the two the outbox is told, so that a crash before it costs nothing; see `app::mail::delivery`.

use anyhow::{Context, bail};
use app::mail::delivery::Outcome;
use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use std::time::Duration;

/// How long the server may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// To be reached, greet and sign in.
    pub connect: Duration,
    /// For each command.
    pub command: Duration,
    /// To take the message; servers look for spam and viruses meanwhile.
    pub message: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            command: Duration::from_secs(30),
            message: Duration::from_secs(180),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tls {
    /// From the first byte: `smtps://`.
    Implicit,
    /// By STARTTLS, or not at all.
    Required,
    /// By STARTTLS where the server offers it.
    Opportunistic,
    None,
}

/// Where to send, and how.
#[derive(Clone)]
pub struct Smtp {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    ca: Vec<Certificate>,
    pub patience: Patience,
}

/// An open conversation.
pub struct Session {
    connection: AsyncSmtpConnection,
    patience: Patience,
}

impl Smtp {
    /// Reads `smtp://user:password@host:port?tls=required|opportunistic|none` or `smtps://…`. Passwords never go over a line in the clear
    /// unless `tls=none` says so.
    pub fn new(url: &str, ca: Option<&[u8]>) -> anyhow::Result<Smtp> {
        let url = url::Url::parse(url.trim()).context("SMTP_URL is no address")?;
        let host = url.host_str().context("SMTP_URL names no host")?.to_owned();
        let text =
            |text: &str| percent_decode(text).context("SMTP_URL holds a broken escape (%) in the user or the password");
        let credentials = match (url.username(), url.password()) {
            ("", _) => None,
            (user, password) => Some(Credentials::new(text(user)?, text(password.unwrap_or_default())?)),
        };
        let wanted = url
            .query_pairs()
            .find(|(name, _)| name == "tls")
            .map(|(_, value)| value.into_owned());
        let tls = match (url.scheme(), wanted.as_deref()) {
            ("smtps", _) => Tls::Implicit,
            ("smtp", Some("required")) => Tls::Required,
            ("smtp", Some("opportunistic")) => Tls::Opportunistic,
            ("smtp", Some("none")) => Tls::None,
            ("smtp", None) if credentials.is_some() => Tls::Required,
            ("smtp", None) => Tls::Opportunistic,
            ("smtp", Some(_)) => bail!("SMTP_URL: tls is required, opportunistic or none"),
            _ => bail!("SMTP_URL must begin with smtp:// or smtps://"),
        };
        let ca = match ca {
            Some(pem) => vec![Certificate::from_pem(pem).context("SMTP_CA_FILE holds no certificate")?],
            None => Vec::new(),
        };
        Ok(Smtp {
            port: url.port().unwrap_or(if tls == Tls::Implicit { 465 } else { 587 }),
            host,
            tls,
            credentials,
            ca,
            patience: Patience::default(),
        })
    }

    /// Host and port, for people.
    pub fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Reaches the server and signs in. Trouble here says nothing about any mail: all of them can only wait.
    pub async fn connect(&self) -> Result<Session, String> {
        let opening = tokio::time::timeout(self.patience.connect, self.open());
        let place = self.place();
        match opening.await {
            Ok(Ok(connection)) => Ok(Session {
                connection,
                patience: self.patience,
            }),
            Ok(Err(error)) => Err(format!("The mail server {place} cannot be used: {}", causes(&error))),
            Err(_) => Err(format!("The mail server {place} did not answer in time.")),
        }
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Error> {
        let hello = ClientId::default();
        let immediately = if self.tls == Tls::Implicit {
            Some(self.parameters()?)
        } else {
            None
        };
        let place = (self.host.as_str(), self.port);
        let wait = Some(self.patience.connect);
        let mut connection = AsyncSmtpConnection::connect_tokio1(place, wait, &hello, immediately, None).await?;
        if self.tls == Tls::Required || (self.tls == Tls::Opportunistic && connection.can_starttls()) {
            connection.starttls(self.parameters()?, &hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], credentials)
                .await?;
        }
        Ok(connection)
    }

    fn parameters(&self) -> Result<TlsParameters, Error> {
        let builder = TlsParameters::builder(self.host.clone());
        self.ca
            .iter()
            .cloned()
            .fold(builder, |builder, certificate| {
                builder.add_root_certificate(certificate)
            })
            .build_rustls()
    }
}

impl Session {
    /// Sender, recipient, and the server's leave to send. Nothing has been sent yet, whatever happens.
    pub async fn offer(&mut self, envelope: &Envelope, message: &[u8]) -> Result<(), Outcome> {
        let mut options = Vec::new();
        let server = self.connection.server_info();
        if envelope
            .to()
            .iter()
            .any(|address| !AsRef::<str>::as_ref(address).is_ascii())
        {
            if !server.supports_feature(Extension::SmtpUtfEight) {
                return Err(Outcome::Never(
                    "The mail server takes no addresses with letters beyond ASCII.".into(),
                ));
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        if !message.is_ascii() && server.supports_feature(Extension::EightBitMime) {
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        self.command(Mail::new(envelope.from().cloned(), options)).await?;
        for address in envelope.to() {
            self.command(Rcpt::new(address.clone(), Vec::new())).await?;
        }
        self.command(Data).await
    }

    async fn command(&mut self, command: impl std::fmt::Display) -> Result<(), Outcome> {
        match tokio::time::timeout(self.patience.command, self.connection.command(command)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_permanent() => Err(Outcome::Never(causes(&error))),
            Ok(Err(error)) => Err(Outcome::Later(causes(&error))),
            Err(_) => Err(Outcome::Later("The mail server did not answer in time.".into())),
        }
    }

    /// The message itself. Without an answer nobody can know whether it was taken.
    pub async fn hand_over(&mut self, message: &[u8]) -> Outcome {
        match tokio::time::timeout(self.patience.message, self.connection.message(message)).await {
            Ok(Ok(_)) => Outcome::Sent,
            Ok(Err(error)) if error.is_permanent() => Outcome::Never(causes(&error)),
            Ok(Err(error)) if error.is_transient() => Outcome::Later(causes(&error)),
            Ok(Err(error)) => Outcome::Unsure(format!(
                "The connection broke before the mail server's answer ({}); the mail may have arrived.",
                causes(&error)
            )),
            Err(_) => Outcome::Unsure("The mail server did not answer in time; the mail may have arrived.".into()),
        }
    }

    /// Says goodbye; how that goes changes nothing.
    pub async fn close(mut self) {
        let _ = tokio::time::timeout(Duration::from_secs(2), self.connection.quit()).await;
    }
}

/// An error with all it stems from, in one line.
fn causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        let next_text = next.to_string();
        if !text.contains(&next_text) {
            text = format!("{text}: {next_text}");
        }
        cause = next.source();
    }
    text.chars().take(500).collect()
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let pair = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_servers() {
        let read = |url: &str| Smtp::new(url, None).map(|smtp| (smtp.place(), smtp.tls, smtp.credentials.is_some()));
        assert_eq!(
            read("smtp://mx.example").unwrap(),
            ("mx.example:587".into(), Tls::Opportunistic, false)
        );
        assert_eq!(
            read("smtps://mx.example").unwrap(),
            ("mx.example:465".into(), Tls::Implicit, false)
        );
        assert_eq!(
            read("smtp://u:p%40ss@mx.example:25").unwrap(),
            ("mx.example:25".into(), Tls::Required, true)
        );
        assert_eq!(read("smtp://u:p@mx.example:25?tls=none").unwrap().1, Tls::None);
        for bad in [
            "mx.example",
            "http://mx.example",
            "smtp://mx.example?tls=maybe",
            "smtp://u%zz@mx.example",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
