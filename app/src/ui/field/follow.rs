//! Keeps a control and its signal together without ever losing what was typed.

use leptos::prelude::*;

/// Once the page is alive: what the reader typed meanwhile wins and is reported. From then on the control follows the signal.
pub(super) fn follow(
    value: Signal<String>,
    read: impl Fn() -> Option<String> + 'static,
    write: impl Fn(&str) + 'static,
    typed: Option<Callback<String>>,
) {
    let drawn = value.get_untracked();
    Effect::new(move |alive: Option<bool>| {
        let wanted = value.get();
        let Some(found) = read() else { return false };
        if !same(&found, &wanted) {
            if alive == Some(true) || same(&found, &drawn) {
                write(&wanted);
            } else if let Some(typed) = typed {
                typed.try_run(found);
            }
        }
        true
    });
}

/// Browsers turn CRLF into LF inside controls; that is not typing.
fn same(found: &str, wanted: &str) -> bool {
    found == wanted || (wanted.contains('\r') && found == wanted.replace("\r\n", "\n"))
}
