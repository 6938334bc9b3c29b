//! `/unsubscribe`: where the link at the end of a mail leads. Opening it changes nothing; the button does.

use crate::mail::model::Kind;
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub fn UnsubscribePage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let get = |name: &str| query.get(name).unwrap_or_default();
    let title = |code: &str| Kind::from_code(code).map(|kind| kind.title().to_lowercase());
    let content = match (title(&get("done")), title(&get("kind"))) {
        (Some(done), _) => view! {
            <Notice tone=Tone::Right title="Done">{format!("You get no more mail about: {done}. It still appears in the app.")}</Notice>
            <p><a href="/notifications/settings">"Change what you are told"</a></p>
        }
        .into_any(),
        (None, Some(kind)) => {
            // The key is made of letters, digits, - and _; anything else is no key and is refused at the door.
            let clean = |text: String| -> String {
                text.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
            };
            let target = format!(
                "/unsubscribe?user={}&kind={}&key={}",
                clean(get("user")),
                clean(get("kind")),
                clean(get("key"))
            );
            view! {
                <p>{format!("Do you no longer want mail about: {kind}?")}</p>
                <form method="post" action=target>
                    <FormActions><Button variant=Variant::Primary>"No longer by mail"</Button></FormActions>
                </form>
                <p class="muted">"Or " <a href="/notifications/settings">"choose what you are told"</a> "."</p>
            }
            .into_any()
        }
        (None, None) => view! {
            <p>"This link is incomplete. Open it again from the mail, or " <a href="/notifications/settings">"choose what you are told"</a> "."</p>
        }
        .into_any(),
    };
    view! {
        <Title text="Mail you no longer want"/>
        <div class="measure stack">
            <PageHeader title="Mail you no longer want"/>
            {content}
        </div>
    }
}
