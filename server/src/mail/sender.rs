//! The loop that empties the outbox.

use super::smtp::{Session, Smtp};
use crate::metrics::Metrics;
use anyhow::Context;
use app::entity::mail_outbox;
use app::error::AppResult;
use app::mail::delivery::{self, Outcome};
use app::platform::Ctx;
use app::platform::db::retry;
use app::time::Timestamp;
use lettre::Message;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Mails taken at once: one conversation with the server.
const BATCH: u64 = 20;
/// Longer than a whole conversation may take.
const LEASE: i64 = 10 * Timestamp::MINUTE;
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// After the server could not be reached.
const REST: Duration = Duration::from_secs(5);

/// One sender. Any number of them may run, in any number of processes; where two meet at one lock and one gives way, it tries again: what was
/// handed over must be written down.
pub struct Sender {
    pub ctx: Ctx,
    pub smtp: Smtp,
    pub metrics: Metrics,
}

impl Sender {
    /// Sends until told to stop.
    pub async fn run(self, stop: CancellationToken) {
        tracing::info!(through = self.smtp.place(), "mail sender ready");
        while !stop.is_cancelled() {
            let rest = match self.batch(&stop).await {
                Ok(Round::Empty) => LOOK_EVERY,
                Ok(Round::Busy) => continue,
                Ok(Round::Unreachable) => REST,
                Err(error) => {
                    tracing::error!(%error, "mail is held up");
                    REST
                }
            };
            tokio::select! { () = stop.cancelled() => return, () = tokio::time::sleep(rest) => {} }
        }
    }

    /// One batch: claims, sends, stores.
    pub async fn batch(&self, stop: &CancellationToken) -> AppResult<Round> {
        // Unique to this claim: a sender that slept through its lease cannot take part in the next.
        let attempt = uuid::Uuid::now_v7().simple().to_string();
        let (mails, lost) = retry(|| delivery::claim(&self.ctx, &attempt, BATCH, LEASE)).await?;
        if lost > 0 {
            tracing::warn!(
                mails = lost,
                "mails may or may not have arrived: their sender ended in mid-sentence"
            );
            self.metrics.mail_sent("unsure", lost);
        }
        if mails.is_empty() {
            return Ok(Round::Empty);
        }
        let mut session: Option<Session> = None;
        let mut round = Round::Busy;
        for mail in &mails {
            if stop.is_cancelled() {
                break;
            }
            let mut open = match session.take() {
                Some(open) => open,
                None => match self.smtp.connect().await {
                    Ok(open) => open,
                    Err(why) => {
                        tracing::warn!(why, "mail waits");
                        self.store(mail, &attempt, Outcome::Later(why)).await?;
                        round = Round::Unreachable;
                        break;
                    }
                },
            };
            let Some(outcome) = self.send(&mut open, mail, &attempt).await? else {
                break;
            };
            // After anything but success the conversation begins anew: its state is not worth guessing.
            if outcome == Outcome::Sent {
                session = Some(open);
            }
            self.store(mail, &attempt, outcome).await?;
        }
        retry(|| delivery::release(&self.ctx, &attempt)).await?;
        if let Some(session) = session {
            session.close().await;
        }
        Ok(round)
    }

    /// Sends one mail; nothing when the lease was lost.
    async fn send(
        &self,
        session: &mut Session,
        mail: &mail_outbox::Model,
        attempt: &str,
    ) -> AppResult<Option<Outcome>> {
        let (envelope, message) = match compose(&self.ctx.state.mail.from, mail) {
            Ok(parts) => parts,
            Err(error) => {
                return Ok(Some(Outcome::Never(format!(
                    "This mail cannot be put together: {error:#}"
                ))));
            }
        };
        if let Err(outcome) = session.offer(&envelope, &message).await {
            return Ok(Some(outcome));
        }
        if !retry(|| delivery::begin(&self.ctx, mail.id, attempt, LEASE)).await? {
            tracing::warn!(mail.id = %mail.id, "the lease on a mail was lost; somebody else sends it");
            return Ok(None);
        }
        Ok(Some(session.hand_over(&message).await))
    }

    async fn store(&self, mail: &mail_outbox::Model, attempt: &str, outcome: Outcome) -> AppResult<()> {
        let outcome = retry(|| delivery::settle_one(&self.ctx, mail, attempt, outcome.clone())).await?;
        let (result, why) = match &outcome {
            Outcome::Sent => ("sent", ""),
            Outcome::Later(why) => ("later", why.as_str()),
            Outcome::Never(why) => ("failed", why.as_str()),
            Outcome::Unsure(why) => ("unsure", why.as_str()),
        };
        self.metrics.mail_sent(result, 1);
        match outcome {
            Outcome::Sent => tracing::debug!(mail.id = %mail.id, kind = mail.kind, "mail sent"),
            _ => tracing::warn!(mail.id = %mail.id, kind = mail.kind, result, why, "mail not sent"),
        }
        Ok(())
    }
}

/// How a batch went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    Empty,
    Busy,
    /// The server could not be reached; the rest was handed back.
    Unreachable,
}

/// The bytes that go over the line, and who gets them. The same mail gives the same `Message-ID` at every try.
fn compose(from: &str, mail: &mail_outbox::Model) -> anyhow::Result<(Envelope, Vec<u8>)> {
    let from: Mailbox = from.parse().context("MAIL_FROM is no address")?;
    let to: lettre::Address = mail.recipient.parse().context("the address is none")?;
    let date = std::time::UNIX_EPOCH + Duration::from_micros(u64::try_from(mail.created_at.0).unwrap_or_default());
    let mut builder = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to.clone()))
        .subject(mail.subject.clone())
        .message_id(Some(mail.message_id.clone()))
        .date(date)
        .raw_header(header("Auto-Submitted", "auto-generated"));
    if let Some(link) = &mail.unsubscribe {
        builder = builder
            .raw_header(header("List-Unsubscribe", &format!("<{link}>")))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    let message = builder.multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))?;
    let envelope = Envelope::new(Some(from.email), vec![to])?;
    Ok((envelope, message.formatted()))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::ids::MailId;

    fn mail(subject: &str, recipient: &str) -> mail_outbox::Model {
        let now = Timestamp(1_781_093_640_000_000);
        mail_outbox::Model {
            id: MailId::new(),
            kind: "test".into(),
            user_id: None,
            recipient: recipient.into(),
            subject: subject.into(),
            text: "Grüße\n.\nein Punkt allein\n".into(),
            html: "<p>Grüße</p>".into(),
            unsubscribe: Some("https://grader.example/unsubscribe?user=1&kind=2&key=3".into()),
            dedupe_key: "k".into(),
            message_id: "<1@grader.example>".into(),
            state: "claimed".into(),
            attempts: 0,
            claimed_by: None,
            lease_until: None,
            not_before: now,
            expires_at: None,
            problem: None,
            created_at: now,
            sending_at: None,
            finished_at: None,
        }
    }

    #[test]
    fn headers_hold_one_line_each() {
        let evil = mail("Hello\r\nBcc: all@evil.example\r\n\r\nbody", "ada@school.example");
        let (envelope, bytes) = compose("Auto-Grader <grader@school.example>", &evil).unwrap();
        assert_eq!(envelope.to().len(), 1);
        let text = String::from_utf8(bytes).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            !head.lines().any(|line| line.to_lowercase().starts_with("bcc:")),
            "{head}"
        );
        assert!(head.contains("Message-ID: <1@grader.example>"), "{head}");
        assert!(
            head.contains("List-Unsubscribe: <https://grader.example/unsubscribe?user=1"),
            "{head}"
        );
        let two = mail("x", "ada@school.example\r\nRCPT TO:<all@evil.example>");
        assert!(compose("grader@school.example", &two).is_err());
    }
}
