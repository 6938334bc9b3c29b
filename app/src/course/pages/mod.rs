//! The pages of courses.

mod edit;
mod import;
mod list;
mod new;
mod overview;
mod people;

pub use edit::EditCoursePage;
pub use import::ImportPage;
pub use list::CoursesPage;
pub use new::NewCoursePage;
pub use overview::CoursePage;
pub use people::PeoplePage;
pub(crate) use people::role_word;

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

/// The course of the address, still as text.
fn course_param() -> Memo<String> {
    let params = use_params_map();
    Memo::new(move |_| params.read().get("course").unwrap_or_default())
}

/// One value of the address's query; empty when missing.
pub(crate) fn query_param(name: &'static str) -> Memo<String> {
    let query = use_query_map();
    Memo::new(move |_| query.read().get(name).unwrap_or_default())
}

/// Text as a value in an address.
pub(crate) fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                out.extend([
                    '%',
                    char::from(HEX[usize::from(byte >> 4)]),
                    char::from(HEX[usize::from(byte & 15)]),
                ]);
            }
        }
        out
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn addresses_carry_any_text() {
        assert_eq!(super::escaped("Ada & Bä?"), "Ada%20%26%20B%C3%A4%3F");
    }
}
