//! The tours of whoever is signed in.

use super::model::Tour;
use crate::error::AppResult;
use leptos::prelude::*;

#[server(prefix = "/rpc", endpoint = "tour/mine")]
pub async fn my_tours() -> AppResult<Vec<Tour>> {
    crate::platform::run(|ctx| async move { super::service::tours(&ctx).await }).await
}
