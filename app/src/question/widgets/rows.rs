//! Adding and removing rows.

use super::state::{Row, Rows};
use crate::ui::*;
use leptos::prelude::*;

/// Each row once, by its number; rows that are added later are drawn without drawing the others again.
pub fn each<T, V>(rows: Rows<T>, draw: impl Fn(usize, Row<T>) -> V + Clone + Send + Sync + 'static) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    view! {
        <For
            each=move || rows.get().into_iter().enumerate()
            key=|(number, _)| *number
            children=move |(number, row)| draw(number, row)
        />
    }
}

/// Shows the next spare row, or makes a new one, and puts the cursor into it.
#[component]
pub fn AddRow<T>(
    rows: Rows<T>,
    #[prop(into)] make: Callback<(), T>,
    /// The id of the first field of a row, by its number.
    #[prop(into)]
    first_field: Callback<usize, String>,
    most: usize,
    children: Children,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
{
    let used = move || rows.with(|rows| rows.iter().filter(|row| !row.spare.get() && !row.gone.get()).count());
    let press = move |_| {
        let spare = rows.with_untracked(|rows| {
            rows.iter()
                .position(|row| row.spare.get_untracked() && !row.gone.get_untracked())
        });
        let number = match spare {
            Some(number) => {
                rows.with_untracked(|rows| rows[number].spare.set(false));
                number
            }
            None => {
                let number = rows.with_untracked(Vec::len);
                rows.update(|rows| rows.push(Row::new(make.run(()), false)));
                number
            }
        };
        focus_soon(format!("#{}", first_field.run(number)));
    };
    view! {
        <span class="needs-script">
            <Button size=Size::Small icon=Glyph::Plus disabled=Signal::derive(move || used() >= most) on_click=press>{children()}</Button>
        </span>
    }
}

/// Empties a row and puts it out of sight; an empty row is left out on saving.
#[component]
pub fn RemoveRow(#[prop(into)] label: String, #[prop(into)] on_click: Callback<()>) -> impl IntoView {
    view! {
        <span class="needs-script row-remove">
            <Button variant=Variant::Quiet size=Size::Small label on_click=move |_| on_click.run(())><Icon glyph=Glyph::Trash/></Button>
        </span>
    }
}

/// What is wrong with a group of rows; the error summary leads here.
#[component]
pub fn GroupError(#[prop(into)] id: String, error: Signal<Option<String>>) -> impl IntoView {
    view! {
        <p class="field-error" id=id tabindex="-1" aria-live="polite">
            {move || error.get().map(|message| view! { <Icon glyph=Glyph::Warning/><span>{message}</span> })}
        </p>
    }
}

/// Puts the cursor into what the selector finds first, once the page is drawn anew.
pub(crate) fn focus_soon(selector: String) {
    use leptos::wasm_bindgen::JsCast;
    request_animation_frame(move || {
        let found = document().query_selector(&selector).ok().flatten();
        if let Some(element) = found.and_then(|element| element.dyn_into::<leptos::web_sys::HtmlElement>().ok()) {
            let _ = element.focus();
        }
    });
}
