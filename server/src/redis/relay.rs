//! Hints from process to process over one channel.

use super::builder;
use app::platform::hints::{Hint, Hints};
use fred::prelude::{ClientLike, Error, EventInterface, Pool, PubsubInterface};
use tokio::sync::mpsc;

const CHANNEL: &str = "auto-grader:hints";

/// Publishes what this process hints, and passes on what others do.
pub async fn start(url: &str, pool: Pool, mut outgoing: mpsc::Receiver<Hint>, hints: Hints) -> Result<(), Error> {
    let subscriber = builder(url)?.build_subscriber_client()?;
    let mut messages = subscriber.message_rx();
    subscriber.connect();
    // Subscribes anew after every reconnect.
    subscriber.manage_subscriptions();
    tokio::spawn(async move {
        while subscriber.subscribe(CHANNEL).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
        // Somebody may have missed a hint in the meantime.
        hints.send_local(Hint::Work);
        loop {
            match messages.recv().await {
                Ok(message) => {
                    if let Some(hint) = message.value.as_str().and_then(|text| parse(&text)) {
                        hints.send_local(hint);
                    }
                }
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => hints.send_local(Hint::Work),
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
            }
        }
    });
    tokio::spawn(async move {
        while let Some(hint) = outgoing.recv().await {
            let client = pool.next_connected();
            if !client.is_connected() {
                // The others look by themselves.
                continue;
            }
            if let Err(error) = client.publish::<(), _, _>(CHANNEL, print(hint)).await {
                tracing::debug!(%error, "a hint was not passed on");
            }
        }
    });
    Ok(())
}

fn print(hint: Hint) -> String {
    match hint {
        Hint::Work => "work".into(),
        Hint::Grades(assignment) => format!("grades {assignment}"),
    }
}

fn parse(text: &str) -> Option<Hint> {
    match text.split_once(' ') {
        None if text == "work" => Some(Hint::Work),
        Some(("grades", id)) => id.parse().ok().map(Hint::Grades),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_survive_the_wire() {
        for hint in [Hint::Work, Hint::Grades(app::ids::AssignmentId::new())] {
            assert_eq!(parse(&print(hint)), Some(hint));
        }
        assert_eq!(parse("grades not-an-id"), None);
    }
}
