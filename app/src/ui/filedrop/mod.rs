//! A place to drop files on or choose them from. It sends nothing by itself: the form does, or `on_files` takes them.

mod picked;

use super::{Glyph, Icon, words};
use crate::ui::field::FieldShell;
use leptos::prelude::*;
pub use picked::PickedFile;

/// The browser's own file input, made as large as the area: dropping works even without script.
#[component]
pub fn FileDrop(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] accept: Option<String>,
    #[prop(optional)] multiple: bool,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] on_files: Option<Callback<Vec<PickedFile>>>,
) -> impl IntoView {
    let id = ["f-", &name].concat();
    let described = [&id, "-hint ", &id, "-error"].concat();
    let over = RwSignal::new(false);
    let chosen = RwSignal::new(Vec::<String>::new());
    let pick = move |event| {
        let files = picked::from_event(&event);
        over.set(false);
        chosen.set(files.iter().map(PickedFile::name).collect());
        if let Some(take) = on_files {
            take.run(files);
        }
    };
    view! {
        <FieldShell id=id.clone() label nostrip:hint=hint error required>
            <div class="file-drop" class:file-drop-over=move || over.get()>
                <Icon glyph=Glyph::Upload/>
                <span class="file-drop-call">{words().choose_file}</span>
                <input
                    id=id
                    name=name
                    type="file"
                    accept=accept
                    multiple=multiple
                    required=required
                    disabled=move || disabled.get()
                    aria-describedby=described
                    on:change=pick
                    on:dragenter=move |_| over.set(true)
                    on:dragleave=move |_| over.set(false)
                    on:drop=move |_| over.set(false)
                />
                <ul class="file-drop-chosen" aria-label=words().chosen aria-live="polite">
                    {move || {
                        chosen.get().into_iter().map(|name| view! { <li><Icon glyph=Glyph::File/><span>{name}</span></li> }).collect_view()
                    }}
                </ul>
            </div>
        </FieldShell>
    }
}
