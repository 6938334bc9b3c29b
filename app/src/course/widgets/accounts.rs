//! One-time passwords, shown this once to whoever made the accounts.

use crate::course::shape::NewAccount;
use crate::ui::{Column, Glyph, Notice, Panel, Table, Tone};
use leptos::prelude::*;

/// Nothing without accounts.
#[component]
pub fn NewAccounts(accounts: Vec<NewAccount>) -> impl IntoView {
    if accounts.is_empty() {
        return ().into_any();
    }
    let title = match accounts.len() {
        1 => "One-time password".to_owned(),
        many => format!("One-time passwords for {many} people"),
    };
    let rows = accounts
        .into_iter()
        .map(|account| {
            view! {
                <tr>
                    <th scope="row">{account.name}</th>
                    <td>{account.email}</td>
                    <td><code>{account.password}</code></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel title id="new-accounts" tone=Tone::Review>
            <div class="stack">
            <Notice tone=Tone::Review icon=Glyph::Key title="Shown once.">
                "Write the one-time passwords down or print this page now, and hand them over in person. They open the account once; then a password of one’s own is chosen."
            </Notice>
            <Table caption="One-time passwords" caption_hidden=true columns=vec![Column::text("Name"), Column::text("E-mail"), Column::text("One-time password")]>
                {rows}
            </Table>
            </div>
        </Panel>
    }
    .into_any()
}
