//! `/receipts/verify`: whether a receipt is ours. Open to everyone, and a plain form.

use super::receipt::Slip;
use crate::shell::loaded;
use crate::submission::api::verify_receipt;
use crate::submission::model::Verdict;
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub fn VerifyPage() -> impl IntoView {
    let query = use_query_map();
    let claim = Memo::new(move |_| {
        query.with(
            |query| match (query.get("receipt"), query.get("submission"), query.get("signature")) {
                (Some(text), ..) => text,
                (None, Some(submission), Some(signature)) => format!("submission {submission}\n{signature}"),
                _ => String::new(),
            },
        )
    });
    let verdict = Resource::new_blocking(
        move || claim.get(),
        |text| async move {
            if text.trim().is_empty() {
                Ok(None)
            } else {
                verify_receipt(text).await.map(Some)
            }
        },
    );
    view! {
        <Title text="Verify a receipt"/>
        <PageHeader title="Verify a receipt" lead="Paste a receipt as it was saved, or its submission line and signature."/>
        <div class="stack measure">
            {loaded(verdict, |verdict| verdict.map(|verdict| view! { <Answer verdict/> }))}
            <form method="get" action="/receipts/verify" class="stack">
                <TextArea name="receipt" label="The receipt" code=true rows=10 required=true value=claim.get_untracked()/>
                <FormActions><Button variant=Variant::Primary icon=Glyph::Shield>"Verify"</Button></FormActions>
            </form>
        </div>
    }
}

#[component]
fn Answer(verdict: Verdict) -> impl IntoView {
    let (tone, icon) = if verdict.valid {
        (Tone::Right, Glyph::Shield)
    } else {
        (Tone::Wrong, Glyph::Warning)
    };
    view! {
        <div class="stack">
            <Notice tone icon>{verdict.message}</Notice>
            {verdict.receipt.map(|receipt| view! { <Slip receipt/> })}
        </div>
    }
}
