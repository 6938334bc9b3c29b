//! The book, page by page.

use super::model::{Part, Topic};
use crate::error::AppResult;
use leptos::prelude::*;

#[server(prefix = "/rpc", endpoint = "help/contents")]
pub async fn read_contents() -> AppResult<Vec<Part>> {
    Ok(super::book::contents())
}

#[server(prefix = "/rpc", endpoint = "help/topic")]
pub async fn read_topic(name: String) -> AppResult<Topic> {
    crate::platform::run(|_| async move { super::book::topic(&name) }).await
}
