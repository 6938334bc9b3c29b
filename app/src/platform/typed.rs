//! What was typed into a form without script and refused: kept in the session until the page shows it once more.
//!
//! With script the form never leaves the screen, so nothing is kept here. One form a session, the last one.

use super::Ctx;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

const KEY: &str = "typed";

#[derive(Serialize, Deserialize)]
struct Typed {
    /// Which form of which thing: `question/0192…`.
    form: String,
    value: serde_json::Value,
}

/// Keeps the form if it came without script. Losing it is no reason to fail: the error is what matters.
pub async fn keep(ctx: &Ctx, form: String, value: &impl Serialize) {
    let (Some(session), true) = (&ctx.session, super::http::is_plain_form()) else {
        return;
    };
    let Ok(value) = serde_json::to_value(value) else { return };
    if let Err(error) = session.insert(KEY, Typed { form, value }).await {
        tracing::warn!(cause = %error, "what was typed could not be kept");
    }
}

/// What was kept for this form, once.
pub async fn take<T: DeserializeOwned>(ctx: &Ctx, form: &str) -> Option<T> {
    let session = ctx.session.as_ref()?;
    let kept = session.get::<Typed>(KEY).await.ok()??;
    if kept.form != form {
        return None;
    }
    session.remove_value(KEY).await.ok()?;
    serde_json::from_value(kept.value).ok()
}
