//! Buttons do, links go. One primary action a screen.

mod types;

use super::{Glyph, Icon};
use leptos::{ev::MouseEvent, prelude::*};
pub use types::{ButtonKind, Size, Variant};

/// A button. With `on_click` it is a plain button; without, it submits the form it stands in.
/// While `busy` it keeps its size and its focus, shows a turning ring, and lets nothing through a second time.
#[component]
pub fn Button(
    #[prop(optional)] variant: Variant,
    #[prop(optional)] size: Size,
    #[prop(optional)] kind: Option<ButtonKind>,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] icon: Option<Glyph>,
    #[prop(optional, into)] name: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    /// The id of the form to submit when the button stands outside of it.
    #[prop(optional, into)]
    form: Option<String>,
    /// What a screen reader says, when the words on the button are too few.
    #[prop(optional, into)]
    label: Option<String>,
    /// As wide as its column.
    #[prop(optional)]
    full: bool,
    #[prop(optional, into)] on_click: Option<Callback<MouseEvent>>,
    children: Children,
) -> impl IntoView {
    let kind = kind.unwrap_or(if on_click.is_some() {
        ButtonKind::Button
    } else {
        ButtonKind::Submit
    });
    let press = move |event: MouseEvent| {
        if busy.get_untracked() {
            event.prevent_default();
        } else if let Some(act) = on_click {
            act.try_run(event);
        }
    };
    view! {
        <button
            type=kind.as_str()
            class=variant.class()
            class:button-small=size == Size::Small
            class:button-large=size == Size::Large
            class:button-full=full
            name=name
            value=value
            form=form
            aria-label=label
            aria-busy=move || busy.get().then_some("true")
            disabled=move || disabled.get()
            on:click=press
        >
            <span class="button-spinner" aria-hidden="true"></span>
            {icon.map(|glyph| view! { <Icon glyph/> })}
            <span class="button-label">{children()}</span>
        </button>
    }
}

/// A link that looks like a button, for going somewhere.
#[component]
pub fn LinkButton(
    #[prop(into)] href: Signal<String>,
    #[prop(optional)] variant: Variant,
    #[prop(optional)] size: Size,
    #[prop(optional)] icon: Option<Glyph>,
    /// Save what is behind the link instead of opening it.
    #[prop(optional)]
    download: bool,
    /// Leave the app: a full page load, past the router.
    #[prop(optional)]
    external: bool,
    #[prop(optional, into)] label: Option<String>,
    #[prop(optional)] full: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a
            href=move || href.get()
            class=variant.class()
            class:button-small=size == Size::Small
            class:button-large=size == Size::Large
            class:button-full=full
            aria-label=label
            download=download.then_some("")
            rel=(external || download).then_some("external")
        >
            {icon.map(|glyph| view! { <Icon glyph/> })}
            <span class="button-label">{children()}</span>
        </a>
    }
}
