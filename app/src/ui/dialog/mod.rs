//! Asking before something large, and small menus. The browser's own `<dialog>` and `<details>`.

use super::{Button, Glyph, Icon, Variant, script::dismiss_lightly, words};
use leptos::{children::ViewFnOnce, ev::MouseEvent, html, prelude::*};

/// A window above the page; keeps the keyboard inside, closes on Escape and on a click beside it.
/// It needs script to open: where it matters, offer a `Confirm` or a page of its own as well.
#[component]
pub fn Dialog(
    #[prop(into)] id: String,
    #[prop(into)] title: String,
    open: RwSignal<bool>,
    /// Buttons at the end; a Close button stands there when left out.
    #[prop(optional, into)]
    footer: Option<ViewFnOnce>,
    #[prop(optional)] wide: bool,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let wanted = open.get();
        let Some(dialog) = node.get() else { return };
        if wanted && !dialog.open() {
            let _ = dialog.show_modal();
        } else if !wanted && dialog.open() {
            dialog.close();
        }
    });
    let title_id = [&id, "-title"].concat();
    // only the backdrop belongs to <dialog> itself; everything else is inside the inner box
    let beside = move |event: MouseEvent| {
        let hit = event
            .target()
            .zip(node.get_untracked())
            .is_some_and(|(target, dialog)| {
                let dialog: &leptos::web_sys::EventTarget = dialog.as_ref();
                &target == dialog
            });
        if hit {
            open.set(false);
        }
    };
    view! {
        <dialog
            class="dialog"
            class:dialog-wide=wide
            id=id
            node_ref=node
            aria-labelledby=title_id
            on:close=move |_| open.set(false)
            on:click=beside
        >
            <div class="dialog-box">
                <header class="dialog-head">
                    <h2 id=title_id.clone() tabindex="-1" autofocus=true>{title}</h2>
                    <Button variant=Variant::Quiet label=words().close on_click=move |_| open.set(false)>
                        <Icon glyph=Glyph::Cross/>
                    </Button>
                </header>
                <div class="dialog-body">{children()}</div>
                <footer class="dialog-foot">
                    {match footer {
                        Some(footer) => footer.run(),
                        None => view! { <Button on_click=move |_| open.set(false)>{words().close}</Button> }.into_any(),
                    }}
                </footer>
            </div>
        </dialog>
    }
}

/// A button that unfolds what it is about to do, with the true button inside. Works without script.
#[component]
pub fn Confirm(
    #[prop(into)] label: String,
    #[prop(optional)] variant: Variant,
    #[prop(optional)] icon: Option<Glyph>,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="confirm">
            <summary class=variant.class()>
                {icon.map(|glyph| view! { <Icon glyph/> })} <span class="button-label">{label}</span>
            </summary>
            <div class="confirm-body">{children()}</div>
        </details>
    }
}

/// A small drop-down of links and buttons. Works without script.
#[component]
pub fn Menu(
    #[prop(into)] label: String,
    #[prop(optional)] icon: Option<Glyph>,
    #[prop(optional)] variant: Variant,
    /// Show the icon alone; the label is still spoken.
    #[prop(optional)]
    icon_only: bool,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::new();
    dismiss_lightly(node);
    view! {
        <details class="menu" node_ref=node>
            <summary class=variant.class()>
                {icon.map(|glyph| view! { <Icon glyph/> })}
                <span class="button-label" class:visually-hidden=icon_only>{label}</span>
            </summary>
            <div class="menu-list">{children()}</div>
        </details>
    }
}
