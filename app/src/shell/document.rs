//! The HTML document, and the content security policy that goes with it.

use super::viewer;
use crate::shell::App;
use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

/// The page around the application; server side only.
pub fn document(options: LeptosOptions) -> impl IntoView {
    viewer::provide();
    set_security_policy();
    let theme = viewer::viewer().theme;
    let theme = (!theme.is_empty()).then_some(theme);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet options=options.clone() id="style" />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Scripts only with this page's nonce; `wasm-unsafe-eval` is what compiling our own WebAssembly needs.
#[cfg(feature = "ssr")]
fn set_security_policy() {
    use ::http::{HeaderValue, header};
    let Some(response) = use_context::<leptos_axum::ResponseOptions>() else {
        return;
    };
    let nonce = leptos::nonce::use_nonce()
        .map(|nonce| format!(" 'nonce-{nonce}'"))
        .unwrap_or_default();
    // Uploads go straight to the file store; the embedded one is ourselves.
    let store = use_context::<crate::platform::AppState>()
        .and_then(|state| state.blobs.outside_origin())
        .map(|origin| format!(" {origin}"));
    let store = store.unwrap_or_default();
    let policy = format!(
        "default-src 'self'; script-src 'self'{nonce} 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'{store}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    if let Ok(value) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, value);
    }
}

#[cfg(not(feature = "ssr"))]
fn set_security_policy() {}
