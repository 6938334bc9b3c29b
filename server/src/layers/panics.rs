//! A panic becomes an error like any other: logged with the incident, told without its cause.

use app::error::AppError;
use axum::response::{IntoResponse, Response};
use std::any::Any;

pub fn answer(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    AppError::internal(format!("panic: {}", text.unwrap_or("without words"))).into_response()
}
