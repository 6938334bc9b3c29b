//! The same figures as a table: seen by nobody, heard by those who need it.

use leptos::prelude::*;

/// A visually hidden table. The first cell of a row is its head.
#[component]
pub(super) fn DataTable(
    caption: String,
    head: Vec<String>,
    #[prop(into)] rows: Signal<Vec<Vec<String>>>,
) -> impl IntoView {
    view! {
        <table class="visually-hidden">
            <caption>{caption}</caption>
            {(!head.is_empty())
                .then(|| {
                    view! { <thead><tr>{head.into_iter().map(|cell| view! { <th scope="col">{cell}</th> }).collect_view()}</tr></thead> }
                })}
            <tbody>
                {move || {
                    rows.get()
                        .into_iter()
                        .map(|row| {
                            let mut cells = row.into_iter();
                            let first = cells.next();
                            view! {
                                <tr>
                                    <th scope="row">{first}</th>
                                    {cells.map(|cell| view! { <td>{cell}</td> }).collect_view()}
                                </tr>
                            }
                        })
                        .collect_view()
                }}
            </tbody>
        </table>
    }
}
