//! `/courses/:course/people/import`: many people from a table. An ordinary form that is answered by this same page; see `course::http`.

use super::course_param;
use super::people::{many, role_word};
use crate::course::api::{ImportPageData, import_page};
use crate::course::import::{Draft, Outcome, Planned, Preview, Problem};
use crate::course::shape::Course;
use crate::course::widgets::{CourseHead, Place};
use crate::error::AppError;
use crate::shell::{FormError, loaded};
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn ImportPage() -> impl IntoView {
    let course = course_param();
    let data = Resource::new_blocking(move || course.get(), import_page);
    view! {
        <Title text="Import a list"/>
        {loaded(data, |ImportPageData { course, draft }| view! { <Shown course draft/> })}
    }
}

#[component]
fn Shown(course: Course, draft: Draft) -> impl IntoView {
    let Draft { text, preview, error } = draft;
    let action = format!("/courses/{}/people/import", course.id);
    let people = format!("/courses/{}/people", course.id);
    let code = course.code.clone();
    let ready = preview
        .as_ref()
        .is_some_and(|preview| preview.problems.is_empty() && preview.joining() > 0);
    let body = match preview {
        Some(preview) if preview.problems.is_empty() => {
            view! { <Right preview action=action.clone() text=text.clone() code people/> }.into_any()
        }
        Some(preview) => view! { <Wrong problems=preview.problems more=preview.more_problems/> }.into_any(),
        None => view! { <Help code/> }.into_any(),
    };
    view! {
        <CourseHead course place=Place::People below="Import a list"/>
        <div class="stack">
        <FormError error=Signal::stored(error.clone())/>
        {body}
        {if ready {
            view! {
                <details class="confirm">
                    <summary class="button button-quiet">"Change the table"</summary>
                    <Entry action text error/>
                </details>
            }
                .into_any()
        } else {
            view! { <Entry action text error/> }.into_any()
        }}
        </div>
    }
}

#[component]
fn Help(code: String) -> impl IntoView {
    let long = format!("email,firstName,lastName,role,courseCode\nada@school.example,Ada,Lovelace,student,{code}");
    view! {
        <div class="prose">
            <p>
                "One person a line. The first line names the columns. Needed are an e-mail address and a name; without a role people become students. People in the course already stay as they are."
            </p>
        </div>
        <div class="grid-2">
            <CodeBlock label="The short form" text="email,name\nada@school.example,Ada Lovelace"/>
            <CodeBlock label="The long form" text=long/>
        </div>
    }
}

/// Where the table is given.
#[component]
fn Entry(action: String, text: String, error: Option<AppError>) -> impl IntoView {
    let wrong = |field: &str| Signal::stored(error.as_ref().and_then(|error| error.for_field(field)));
    let (file, pasted) = (wrong("file"), wrong("text"));
    view! {
        <form method="post" enctype="multipart/form-data" action=action>
            <div class="stack">
                <FileDrop name="file" label="Choose a CSV file" hint="Comma, semicolon or tab between the values; UTF-8; up to 1,000 people." accept=".csv,.tsv,.txt,text/csv,text/plain" error=file/>
                <TextArea name="text" label="Or paste the table" value=text rows=10 code=true hint="A chosen file comes first." error=pasted/>
                <FormActions><Button variant=Variant::Primary icon=Glyph::Eye>"Preview"</Button></FormActions>
                <p class="muted small">"Nothing happens yet: you see first who would be added."</p>
            </div>
        </form>
    }
}

#[component]
fn Wrong(problems: Vec<Problem>, more: u32) -> impl IntoView {
    let count = problems.len() as u32 + more;
    let title = if count == 1 {
        "1 mistake. ".to_owned()
    } else {
        format!("{count} mistakes. ")
    };
    let rows = problems
        .into_iter()
        .map(|problem| {
            view! {
                <tr>
                    <td class="num">{problem.line}</td>
                    <td>{if problem.column.is_empty() { "–".to_owned() } else { problem.column }}</td>
                    <td>{problem.message}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Notice tone=Tone::Wrong title urgent=true>"Nobody was added. Correct the table below or in your file, and send it again."</Notice>
        <Panel flush=true><Table caption="Mistakes" caption_hidden=true columns=vec![Column::number("Line"), Column::text("Column"), Column::text("What is wrong")]>{rows}</Table></Panel>
        {(more > 0).then(|| view! { <p class="muted">{format!("And {more} more.")}</p> })}
    }
}

#[component]
fn Right(preview: Preview, action: String, text: String, code: String, people: String) -> impl IntoView {
    let (joining, fresh, all) = (
        preview.joining() as u32,
        preview.new_accounts() as u32,
        preview.rows.len() as u32,
    );
    let ignored = preview.ignored.join(", ");
    let rows = preview.rows.into_iter().map(planned).collect_view();
    let columns = vec![
        Column::number("Line"),
        Column::text("Name"),
        Column::text("E-mail"),
        Column::text("Role"),
        Column::text("What happens"),
    ];
    view! {
        <div class="tiles">
            <Stat label="Will join" value=u64::from(joining)/>
            <Stat label="New accounts" value=u64::from(fresh)/>
            <Stat label="Stay as they are" value=u64::from(all - joining)/>
        </div>
        {(!ignored.is_empty()).then(|| view! { <Notice tone=Tone::Neutral title="Columns without meaning here:">{ignored}</Notice> })}
        {if joining == 0 {
            view! { <Notice tone=Tone::Neutral title="Nothing to do.">"Everyone in this table is in the course already."</Notice> }.into_any()
        } else {
            view! {
                <form method="post" enctype="multipart/form-data" action=action>
                    <input type="hidden" name="text" value=text/>
                    <input type="hidden" name="confirm" value="yes"/>
                    <FormActions>
                        <Button variant=Variant::Primary icon=Glyph::Check>{format!("Add {} to {code}", many(joining))}</Button>
                        <LinkButton href=people>"Cancel"</LinkButton>
                    </FormActions>
                </form>
            }
                .into_any()
        }}
        <Panel title="What will happen" flush=true><Table caption="What will happen" caption_hidden=true columns>{rows}</Table></Panel>
    }
}

fn planned(row: Planned) -> impl IntoView {
    let (tone, glyph, words) = match row.outcome {
        Outcome::NewAccount => (Tone::Accent, Glyph::Plus, "Joins with a new account".to_owned()),
        Outcome::Joins => (Tone::Right, Glyph::Check, "Joins".to_owned()),
        Outcome::Stays(role) => (Tone::Neutral, Glyph::Dot, format!("Is here already, as {role}")),
    };
    view! {
        <tr>
            <td class="num">{row.line}</td>
            <th scope="row">{row.name}</th>
            <td>{row.email}</td>
            <td>{role_word(row.role)}</td>
            <td><Badge tone icon=glyph>{words}</Badge></td>
        </tr>
    }
}
