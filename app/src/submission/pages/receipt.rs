//! The receipt: a small object worth keeping.

use super::id_in_path;
use crate::ids::SubmissionId;
use crate::shell::loaded;
use crate::submission::api::show_receipt;
use crate::submission::model::Receipt;
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn ReceiptPage() -> impl IntoView {
    let id = id_in_path::<SubmissionId>("submission", "The submission");
    let receipt = Resource::new_blocking(id, |id| async move { show_receipt(id?).await });
    view! {
        <Title text="Receipt"/>
        {loaded(receipt, |receipt| {
            let trail = vec![
                Crumb::new(receipt.assignment_title.clone(), format!("/assignments/{}", receipt.assignment)),
                Crumb::here("Receipt"),
            ];
            let download = receipt.download_link();
            view! {
                <PageHeader title="Receipt" lead="Your answers have arrived. Keep this as proof; anyone can verify it." trail=Signal::stored(trail)/>
                <div class="stack measure">
                    <Slip receipt=receipt.clone()/>
                    <p class="row no-print">
                        <LinkButton href=download download=true icon=Glyph::Download variant=Variant::Primary>"Save as text"</LinkButton>
                        <LinkButton href=receipt.verify_link() icon=Glyph::Shield>"Verify"</LinkButton>
                        <LinkButton href="/" variant=Variant::Quiet icon=Glyph::Home>"Home"</LinkButton>
                    </p>
                </div>
            }
        })}
    }
}

/// The receipt itself, on screen and on paper.
#[component]
pub fn Slip(receipt: Receipt) -> impl IntoView {
    let at = receipt.submitted_at;
    let fingerprint = receipt.fingerprint();
    let Receipt {
        assignment_title,
        student,
        submission,
        signature,
        ..
    } = receipt;
    view! {
        <article class="slip" aria-label="Receipt of submission">
            <header class="slip-head"><Icon glyph=Glyph::Receipt/> <strong>{assignment_title}</strong></header>
            <Facts>
                <Fact label="Student">{student}</Fact>
                <Fact label="Submitted"><Time at=at.rfc3339() text=format!("{}, {} ({})", at.date(), at.clock(), at.zone())/></Fact>
                <Fact label="Fingerprint of the answers (SHA-256)"><code class="slip-code">{fingerprint}</code></Fact>
                <Fact label="Submission"><code class="slip-code">{submission.to_string()}</code></Fact>
                <Fact label="Signature (ed25519)"><code class="slip-code">{signature}</code></Fact>
            </Facts>
        </article>
    }
}
