//! The student's pages, in the order they are met: the assignment, answering, reviewing, the receipt, verifying one.

mod answer;
mod assignment;
mod receipt;
mod review;
mod verify;

pub use answer::AnswerPage;
pub use assignment::AssignmentPage;
pub use receipt::ReceiptPage;
pub use verify::VerifyPage;

use crate::error::{AppError, AppResult};
use crate::submission::model::Whereabouts;
use crate::ui::Crumb;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// An id in the address; anything else does not exist.
fn id_in_path<T: std::str::FromStr>(
    name: &'static str,
    what: &'static str,
) -> impl Fn() -> AppResult<T> + Copy + Send + Sync + 'static {
    let params = use_params_map();
    move || {
        params
            .with(|params| params.get(name))
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| AppError::not_found(what))
    }
}

/// Course › assignment › here.
fn trail(place: &Whereabouts, here: &'static str) -> Vec<Crumb> {
    vec![
        Crumb::new(place.course_title.clone(), format!("/courses/{}", place.course)),
        Crumb::new(place.title.clone(), format!("/assignments/{}", place.assignment)),
        Crumb::here(here),
    ]
}
