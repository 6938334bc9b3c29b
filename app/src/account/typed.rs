//! The address that was typed into a sign-in that failed: it comes back with the page, once. The password never does.
//!
//! The form is sent whole, with script or without, and nobody is signed in; so the browser carries the address for a few minutes, and shows
//! it to the sign-in page alone. Whoever guesses passwords leaves nothing behind here.

use crate::platform::Ctx;
use http::header::{COOKIE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

/// No address is longer, in characters.
const LONGEST: usize = 190;
const NAME: &str = "typed_address";
/// Long enough for the redirect, however slow the line.
const SECONDS: u32 = 300;

/// Sends the address along with the error.
pub fn keep(ctx: &Ctx, address: &str) {
    if address.chars().count() <= LONGEST {
        let secure = ctx.client.origin.starts_with("https:");
        set(&hex::encode(address), SECONDS, secure);
    }
}

/// The address of the try before, and that it is told.
pub fn take() -> Option<String> {
    let parts = use_context::<Parts>()?;
    let address = find(&parts.headers)?;
    set("", 0, false);
    Some(address)
}

fn set(value: &str, seconds: u32, secure: bool) {
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!("{NAME}={value}; Path=/sign-in; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie)) {
        response.append_header(SET_COOKIE, cookie);
    }
}

fn find(headers: &HeaderMap) -> Option<String> {
    let cookies = headers
        .get_all(COOKIE)
        .into_iter()
        .filter_map(|header| header.to_str().ok());
    let mut pairs = cookies.flat_map(|header| header.split(';'));
    let value = pairs.find_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('='))?;
    let address = String::from_utf8(hex::decode(value).ok()?).ok()?;
    let plain = !address.is_empty() && address.chars().count() <= LONGEST && !address.contains(char::is_control);
    plain.then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(cookie: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_str(cookie).expect("a header"));
        find(&headers)
    }

    #[test]
    fn only_an_address_is_believed() {
        assert_eq!(found("session=1; typed_address=6140622e63"), Some("a@b.c".into()));
        for nothing in [
            "session=1",
            "typed_address=",
            "typed_address=zz",
            "typed_address=00",
            "typed_address=ff",
            "mistyped_address=61",
        ] {
            assert_eq!(found(nothing), None, "{nothing}");
        }
        let long = hex::encode("a".repeat(LONGEST + 1));
        assert_eq!(found(&format!("typed_address={long}")), None);
    }

    proptest! {
        #[test]
        fn what_was_typed_comes_back(address in "\\PC{1,100}") {
            prop_assert_eq!(found(&format!("a=b; typed_address={}; c=d", hex::encode(&address))), Some(address));
        }
    }
}
