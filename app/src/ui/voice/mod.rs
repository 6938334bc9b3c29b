//! Three voices, never mistaken for one another: the student's words (serif, on paper), the machine's suggestion
//! (violet, sans, smaller, labelled), the teacher's decision (teal, ink, a check). Colour, face, icon and word all differ.

mod marks;

use super::{Glyph, Icon, words};
use leptos::prelude::*;
pub use marks::Mark;

/// What a student wrote: whole, line breaks kept. `marks` underline the words that carried a score.
#[component]
pub fn StudentVoice(
    #[prop(into)] text: Signal<String>,
    #[prop(optional, into)] label: Option<String>,
    #[prop(optional, into)] marks: Signal<Vec<Mark>>,
) -> impl IntoView {
    view! {
        <figure class="voice voice-student">
            {label.map(|label| view! { <figcaption class="voice-label">{label}</figcaption> })}
            // Each answer reads in the direction of its own writing.
            <div class="voice-words" dir="auto">
                {move || {
                    marks::split(&text.get(), &marks.get())
                        .into_iter()
                        .map(|piece| match piece.label {
                            None => view! { <span>{piece.text}</span> }.into_any(),
                            Some(label) => {
                                view! {
                                    <mark class="evidence" title=label.clone()>
                                        {piece.text} <span class="visually-hidden">{[" (", words().evidence, ": ", &label, ") "].concat()}</span>
                                    </mark>
                                }
                                    .into_any()
                            }
                        })
                        .collect_view()
                }}
            </div>
        </figure>
    }
}

/// What the machine suggests. It always says that it is a suggestion.
#[component]
pub fn MachineVoice(
    /// The suggestion itself, such as "3 of 5".
    #[prop(into)]
    label: Signal<String>,
    /// How sure it is, or which model spoke.
    #[prop(optional, into)]
    detail: Signal<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="voice voice-machine tone-machine" role="group" aria-label=words().suggestion>
            <p class="voice-head">
                <span class="voice-label"><Icon glyph=Glyph::Spark/>{words().suggestion}</span>
                <strong class="voice-value">{move || label.get()}</strong>
                <span class="voice-detail">{move || detail.get()}</span>
            </p>
            {children.map(|children| view! { <div class="voice-words">{children()}</div> })}
        </div>
    }
}

/// What a teacher decided.
#[component]
pub fn TeacherVoice(
    #[prop(into)] label: Signal<String>,
    /// Who decided, and when.
    #[prop(optional, into)]
    by: Signal<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let signed = move || {
        Some(by.get())
            .filter(|name| !name.is_empty())
            .map(|name| [words().decided_by, " ", &name].concat())
    };
    view! {
        <div class="voice voice-teacher tone-human" role="group" aria-label=words().decision>
            <p class="voice-head">
                <span class="voice-label"><Icon glyph=Glyph::Check/>{words().decision}</span>
                <strong class="voice-value">{move || label.get()}</strong>
                <span class="voice-detail">{signed}</span>
            </p>
            {children.map(|children| view! { <div class="voice-words">{children()}</div> })}
        </div>
    }
}

/// Words from elsewhere.
#[component]
pub fn Quote(#[prop(optional, into)] cite: Option<String>, children: Children) -> impl IntoView {
    view! {
        <figure class="quote">
            <blockquote>{children()}</blockquote>
            {cite.map(|cite| view! { <figcaption>{cite}</figcaption> })}
        </figure>
    }
}

/// Code or any text whose columns matter; scrolls sideways by itself.
#[component]
pub fn CodeBlock(#[prop(into)] text: String, #[prop(optional, into)] label: Option<String>) -> impl IntoView {
    let name = label.clone();
    view! {
        <figure class="code">
            {label.map(|label| view! { <figcaption>{label}</figcaption> })}
            <pre tabindex="0" role="region" aria-label=name><code>{text}</code></pre>
        </figure>
    }
}
