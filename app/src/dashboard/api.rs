//! The first page in one call.

use super::model::Home;
use crate::error::AppResult;
use leptos::prelude::*;

#[server(prefix = "/rpc", endpoint = "dashboard/home")]
pub async fn load_home() -> AppResult<Home> {
    crate::platform::run(|ctx| async move { super::service::home(&ctx).await }).await
}
