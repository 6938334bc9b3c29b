//! Live progress as server-sent events: one look into the database per assignment, however many watch.

use crate::boot::Life;
use app::error::AppResult;
use app::grade::model::Progress;
use app::grade::service;
use app::ids::AssignmentId;
use app::platform::Ctx;
use app::platform::hints::Hint;
use axum::Extension;
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt, stream};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// The fastest the picture changes: what an eye can follow.
const AT_MOST_EVERY: Duration = Duration::from_millis(200);
/// Looked at without a hint, too: another process may have graded, and speeds decay.
const AT_LEAST_EVERY: Duration = Duration::from_secs(1);

/// The pictures being watched now.
#[derive(Clone, Default)]
pub struct Hub {
    watched: Arc<Mutex<HashMap<AssignmentId, watch::Receiver<Arc<Progress>>>>>,
}

/// The picture now, then every change. The event id is the newest grade event it includes; since each event is a whole picture, a
/// browser that comes back misses nothing.
pub async fn progress(
    Extension(ctx): Extension<Ctx>,
    Extension(hub): Extension<Hub>,
    Extension(life): Extension<Life>,
    Path(assignment): Path<AssignmentId>,
) -> AppResult<impl IntoResponse> {
    let now = service::progress(&ctx, assignment).await?;
    let pictures = hub.watch(&ctx, assignment, now);
    let events = KeepAlive::new().interval(Duration::from_secs(15));
    let unbuffered = [(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    )];
    Ok((unbuffered, Sse::new(sse(pictures, life)).keep_alive(events)))
}

impl Hub {
    fn watch(&self, ctx: &Ctx, assignment: AssignmentId, now: Progress) -> watch::Receiver<Arc<Progress>> {
        let Ok(mut watched) = self.watched.lock() else {
            return watch::channel(Arc::new(now)).1;
        };
        // A channel whose sender is gone belongs to a look-out that has just ended.
        if let Some(pictures) = watched
            .get(&assignment)
            .filter(|pictures| pictures.has_changed().is_ok())
        {
            return pictures.clone();
        }
        let (sender, pictures) = watch::channel(Arc::new(now));
        watched.insert(assignment, pictures.clone());
        tokio::spawn(self.clone().look(ctx.clone(), assignment, sender));
        pictures
    }

    /// Looks for as long as anyone watches.
    async fn look(self, ctx: Ctx, assignment: AssignmentId, pictures: watch::Sender<Arc<Progress>>) {
        let mut hints = ctx.state.hints.subscribe();
        loop {
            tokio::time::sleep(AT_MOST_EVERY).await;
            let hinted = async { while !matches!(hints.recv().await, Ok(Hint::Grades(id)) if id == assignment) {} };
            let _ = tokio::time::timeout(AT_LEAST_EVERY, hinted).await;
            if let Ok(mut watched) = self.watched.lock()
                // One receiver is the hub's own.
                && pictures.receiver_count() <= 1
            {
                watched.remove(&assignment);
                return;
            }
            match service::snapshot(&ctx, assignment).await {
                Ok(picture) => {
                    pictures.send_if_modified(|old| {
                        let changed = **old != picture;
                        if changed {
                            *old = Arc::new(picture);
                        }
                        changed
                    });
                }
                Err(error) => tracing::warn!(%error, "the live picture is late"),
            }
        }
    }
}

/// Ends when the process does, with the word to come back soon: whoever spreads the load leads the browser to another process.
fn sse(mut pictures: watch::Receiver<Arc<Progress>>, life: Life) -> impl Stream<Item = Result<Event, Infallible>> {
    pictures.mark_changed();
    stream::unfold(Some((pictures, life)), |going_on| async {
        let (mut pictures, life) = going_on?;
        tokio::select! {
            changed = pictures.changed() => changed.ok()?,
            () = life.closing.cancelled() => {
                // Not everyone in the same moment.
                let pause = Duration::from_millis(rand::random_range(200..1_200));
                return Some((Ok(Event::default().event("moving").retry(pause).data("")), None));
            }
        }
        let picture = pictures.borrow_and_update().clone();
        let event = Event::default()
            .event("progress")
            .id(picture.sequence.to_string())
            .json_data(&*picture)
            .ok()?;
        Some((Ok(event), Some((pictures, life))))
    })
    .boxed()
}
