//! The fields of a course, for making and changing one.

use super::wrong;
use crate::error::AppError;
use crate::ui::{TextArea, TextField};
use leptos::prelude::*;

#[component]
pub fn CourseFields(
    #[prop(into)] failure: Signal<Option<AppError>>,
    #[prop(optional, into)] code: String,
    #[prop(optional, into)] title: String,
    #[prop(optional, into)] term: String,
    #[prop(optional, into)] description: String,
) -> impl IntoView {
    view! {
        <TextField name="code" label="Course code" value=code hint="Short and well known, such as BIO101." maxlength=40 required=true error=wrong(failure, "code")/>
        <TextField name="title" label="Title" value=title maxlength=200 required=true error=wrong(failure, "title")/>
        <TextField name="term" label="Term" value=term hint="Such as Autumn 2026. May stay empty." maxlength=60 error=wrong(failure, "term")/>
        <TextArea name="description" label="Description" value=description hint="What students see on the course's page. May stay empty." rows=5 maxlength=5000 error=wrong(failure, "description")/>
    }
}
