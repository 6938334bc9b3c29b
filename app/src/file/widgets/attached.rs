//! One attached file: its name, its state, and the text the grader reads.

use crate::file::model::{Attachment, FileState, size_text};
use crate::ui::*;
use leptos::prelude::*;

/// A file, for its student and for staff.
#[component]
pub fn AttachedFile(
    attachment: Attachment,
    /// Above the text: "What the grader will read".
    #[prop(default = "What the grader will read", into)]
    label: &'static str,
) -> impl IntoView {
    let Attachment {
        id,
        name,
        size,
        state,
        problem,
        note,
        excerpt,
        characters,
        ..
    } = attachment;
    let badge = match state {
        FileState::Ready => view! { <Badge tone=Tone::Right>"Attached"</Badge> }.into_any(),
        FileState::Pending => view! { <Badge>"On its way"</Badge> }.into_any(),
        FileState::Rejected => view! { <Badge tone=Tone::Wrong>"Not taken"</Badge> }.into_any(),
    };
    let title = if state == FileState::Ready {
        view! { <a href=format!("/files/{id}") rel="external">{name}</a> }.into_any()
    } else {
        view! { <span>{name}</span> }.into_any()
    };
    let shown = Attachment::EXCERPT as i64;
    let rest = (characters > shown).then(|| {
        view! {
            <p class="small">
                "The beginning is shown. " <a href=format!("/files/{id}/text") rel="external">"Read the whole text"</a>
            </p>
        }
    });
    view! {
        <div class="stack stack-tight">
            <div class="row">
                <Icon glyph=Glyph::File />
                <strong>{title}</strong>
                <span class="muted small">{size_text(size)}</span>
                {badge}
            </div>
            {problem.map(|problem| view! { <Notice tone=Tone::Wrong>{problem}</Notice> })}
            {note.map(|note| view! { <Notice tone=Tone::Review>{note}</Notice> })}
            {(!excerpt.is_empty())
                .then(|| {
                    view! {
                        <details open>
                            <summary>{label}</summary>
                            <StudentVoice text=excerpt label=label />
                            {rest}
                        </details>
                    }
                })}
        </div>
    }
}
