//! Attaching a file to one answer with plain forms.

use super::Hitch;
use crate::error::AppError;
use crate::file::api::attach_sheet;
use crate::file::model::{FileKind, Sheet, size_text};
use crate::file::widgets::AttachedFile;
use crate::ids::{QuestionId, SubmissionId};
use crate::shell::loaded;
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

#[component]
pub fn AttachPage() -> impl IntoView {
    let params = use_params_map();
    let ids = move || {
        let submission = params.with(|map| map.get("submission")?.parse::<SubmissionId>().ok());
        let question = params.with(|map| map.get("question")?.parse::<QuestionId>().ok());
        submission.zip(question)
    };
    let sheet = Resource::new_blocking(ids, |ids| async move {
        match ids {
            Some((submission, question)) => attach_sheet(submission, question).await,
            None => Err(AppError::not_found("This page")),
        }
    });
    loaded(sheet, |sheet| view! { <Form sheet /> })
}

#[component]
fn Form(sheet: Sheet) -> impl IntoView {
    let query = use_query_map();
    let answers = format!("/assignments/{}/answer", sheet.assignment);
    let title = format!("Attach a file to question {}", sheet.number);
    let refused = sheet
        .refused
        .and_then(|file| file.problem.map(|problem| format!("{}: {problem}", file.name)));
    let error = Signal::derive(move || {
        let hitch = query
            .with(|map| map.get("hitch"))
            .and_then(|name| Hitch::from_name(&name));
        hitch.map(|hitch| hitch.words().to_owned()).or_else(|| refused.clone())
    });
    let hint = format!(
        "PDF, DOCX, TXT or Markdown, up to {}. Its text is read and graded like a written answer.",
        size_text(sheet.most)
    );
    let trail = vec![
        Crumb::new(sheet.title.clone(), answers.clone()),
        Crumb::here("Attach a file"),
    ];
    let replaces = sheet.attached.is_some();
    view! {
        <Title text=title.clone() />
        <PageHeader title=title trail />
        <div class="stack measure">
            {sheet.attached.map(|file| {
                let id = file.id.to_string();
                view! {
                    <AttachedFile attachment=file />
                    {sheet.open.then(|| view! {
                        <form method="post" action="/rpc/file/remove_form">
                            <input type="hidden" name="file" value=id />
                            <input type="hidden" name="submission" value=sheet.submission.to_string() />
                            <input type="hidden" name="question" value=sheet.question.to_string() />
                            <Button variant=Variant::Danger size=Size::Small>"Remove this file"</Button>
                        </form>
                    })}
                }
            })}
            {if sheet.open {
                view! {
                    <form class="stack" method="post" action="/files/upload" enctype="multipart/form-data">
                        <input type="hidden" name="submission" value=sheet.submission.to_string() />
                        <input type="hidden" name="question" value=sheet.question.to_string() />
                        <FileDrop name="file" label=if replaces { "Another file instead" } else { "Your file" } hint accept=FileKind::ACCEPT required=true error />
                        <FormActions>
                            <Button variant=Variant::Primary icon=Glyph::Upload>"Attach file"</Button>
                            <LinkButton href=answers.clone()>"Back to your answers"</LinkButton>
                        </FormActions>
                    </form>
                }
                .into_any()
            } else {
                view! {
                    <Notice title="Closed.">"Files of this submission can no longer be changed."</Notice>
                    <LinkButton href=answers.clone()>"Back"</LinkButton>
                }
                .into_any()
            }}
        </div>
    }
}
