//! The frame around every page: a rail with place names on a desk, a bar within reach of the thumb on a phone.

mod place;
mod theme;

use super::{Count, Icon, ToastArea, script::dismiss_lightly, words};
use leptos::{children::ViewFnOnce, prelude::*};
pub use place::Place;
pub use theme::ThemeSwitch;

/// The frame for people who are signed in. The page is `<main id="main">`.
#[component]
pub fn Frame(
    #[prop(into)] brand: String,
    #[prop(default = "/".into(), into)] home: String,
    #[prop(into)] places: Signal<Vec<Place>>,
    /// The path shown now.
    #[prop(into)]
    current: Signal<String>,
    /// Who is signed in: a `UserMenu`.
    #[prop(optional, into)]
    user: Option<ViewFnOnce>,
    /// Strips above the page.
    #[prop(optional, into)]
    notices: Option<ViewFnOnce>,
    children: Children,
) -> impl IntoView {
    view! {
        <a class="skip" href="#main" rel="external">{words().skip}</a>
        <div class="frame">
            <header class="rail no-print">
                <Brand brand home/>
                <nav class="places" aria-label=words().places>
                    <ul>
                        {move || places.get().into_iter().map(|place| view! { <PlaceLink place current/> }).collect_view()}
                    </ul>
                </nav>
                <div class="rail-user">{user.map(|user| user.run())}</div>
            </header>
            <div class="frame-page">
                <div class="frame-notices">{notices.map(|notices| notices.run())}</div>
                <main id="main" class="main" tabindex="-1">{children()}</main>
            </div>
        </div>
        <ToastArea/>
    }
}

/// The frame for small pages outside: signing in, verifying a receipt, an error.
#[component]
pub fn QuietFrame(
    #[prop(into)] brand: String,
    #[prop(default = "/".into(), into)] home: String,
    #[prop(optional, into)] notices: Option<ViewFnOnce>,
    /// As wide as a usual page; a narrow column when not.
    #[prop(optional)]
    wide: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a class="skip" href="#main" rel="external">{words().skip}</a>
        <div class="quiet-frame" class:quiet-frame-wide=wide>
            <div class="frame-notices">{notices.map(|notices| notices.run())}</div>
            <header class="quiet-head no-print"><Brand brand home/><ThemeSwitch/></header>
            <main id="main" class="main" tabindex="-1">{children()}</main>
        </div>
        <ToastArea/>
    }
}

/// The wordmark: two answers and the check between them.
#[component]
fn Brand(brand: String, home: String) -> impl IntoView {
    view! {
        <a class="brand" href=home>
            <svg class="brand-mark" viewBox="0 0 32 32" width="26" height="26" fill="none" stroke="currentColor" aria-hidden="true">
                <rect class="brand-sheet" x="2" y="2" width="28" height="28" rx="7"></rect>
                <path class="brand-line" d="M8.5 11h9M8.5 16h5"></path>
                <path class="brand-check" d="M12.5 21.5l4 3.5 7.5-10"></path>
            </svg>
            <span>{brand}</span>
        </a>
    }
}

#[component]
fn PlaceLink(place: Place, current: Signal<String>) -> impl IntoView {
    let Place {
        label,
        href,
        glyph,
        count,
        ..
    } = place.clone();
    let here = move || current.with(|path| place.holds(path)).then_some("page");
    let waiting = count.map(|count| {
        view! {
            <span class="place-count" hidden=move || count.get() == 0>
                <Count value=count/><span class="visually-hidden">" "{words().waiting}</span>
            </span>
        }
    });
    view! {
        <li>
            <a class="place" href=href aria-current=here><Icon glyph/><span class="place-label">{label}</span>{waiting}</a>
        </li>
    }
}

/// Who is signed in, and what belongs to them: links and the sign-out form as children. The colour choice is in there too.
#[component]
pub fn UserMenu(
    #[prop(into)] name: String,
    /// A second line, such as the e-mail address.
    #[prop(optional, into)]
    detail: Option<String>,
    children: Children,
) -> impl IntoView {
    let initial = name.chars().next().map(|letter| letter.to_uppercase().to_string());
    let node = NodeRef::new();
    dismiss_lightly(node);
    view! {
        <details class="menu user-menu" node_ref=node>
            <summary>
                <span class="user-initial" aria-hidden="true">{initial}</span>
                <span class="user-words">
                    <span class="user-name">{name}</span>
                    {detail.map(|detail| view! { <span class="user-detail">{detail}</span> })}
                </span>
            </summary>
            <div class="menu-list">{children()}<ThemeSwitch/></div>
        </details>
    }
}
