//! Reads what a room has left unread of a request before the answer goes out. Otherwise the connection is closed under the
//! asker's hands, who is still sending, and may lose the answer ("too large", "sign in first").

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures::{FutureExt, StreamExt};
use http::header::EXPECT;
use http_body::{Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::oneshot;

/// Who sends more, or for longer, is cut off.
const MOST_BYTES: usize = 32 * 1024 * 1024;
const LONGEST: Duration = Duration::from_secs(5);

pub async fn read(request: Request, next: Next) -> Response {
    // Who asks first whether to send is told by the answer.
    if request.headers().contains_key(EXPECT) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let (back, rest) = oneshot::channel();
    let lent = Lent { body, back: Some(back) };
    let response = next.run(Request::from_parts(parts, Body::new(lent))).await;
    if let Some(Ok(rest)) = rest.now_or_never() {
        let _ = tokio::time::timeout(LONGEST, drop_all(rest)).await;
    }
    response
}

async fn drop_all(body: Body) {
    let mut left = MOST_BYTES;
    let mut parts = body.into_data_stream();
    while let Some(Ok(part)) = parts.next().await {
        match left.checked_sub(part.len()) {
            Some(less) => left = less,
            None => return,
        }
    }
}

/// A body that comes back when it is dropped before its end.
struct Lent {
    body: Body,
    back: Option<oneshot::Sender<Body>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(back) = self.back.take().filter(|_| !self.body.is_end_stream()) {
            // Nobody waits for it when the request itself was given up.
            let _ = back.send(std::mem::take(&mut self.body));
        }
    }
}
