//! What was typed into a form and is not saved yet. It waits here while one looks at something else, and comes back with its form.
//!
//! A shelf of the page keeps drafts until the page is closed; leaving it should then ask first (`any_dear`). A shelf of the device keeps
//! them longer, where the device lets it.

use crate::device;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Display;

thread_local! {
    /// The browser has one thread, and somebody else signs in with a new document; on the server nothing is ever put here.
    static KEPT: RefCell<HashMap<String, Kept>> = RefCell::default();
}

const PREFIX: &str = "ag:draft:";

struct Kept {
    text: String,
    /// Whether it would be lost with the page, and missed.
    dear: bool,
}

/// A place for drafts of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Shelf {
    kind: &'static str,
    on_device: bool,
}

impl Shelf {
    pub const fn of_page(kind: &'static str) -> Shelf {
        Shelf { kind, on_device: false }
    }

    /// Several people may use a device: what is kept for one of them has their id in its own.
    pub const fn of_device(kind: &'static str) -> Shelf {
        Shelf { kind, on_device: true }
    }

    fn key(self, id: impl Display) -> String {
        format!("{PREFIX}{}:{id}", self.kind)
    }

    /// Keeps the draft in the place of an earlier one. `dear` says whether it would be missed.
    pub fn keep(self, id: impl Display, draft: &impl Serialize, dear: bool) {
        let key = self.key(id);
        let Ok(text) = serde_json::to_string(draft) else { return };
        let lasts = self.on_device && device::put(&key, &text);
        if self.on_device && !lasts {
            // No room: what is older must not come back instead.
            device::remove(&key);
        }
        let dear = dear && !lasts;
        KEPT.with_borrow_mut(|kept| kept.insert(key, Kept { text, dear }));
    }

    pub fn kept<T: DeserializeOwned>(self, id: impl Display) -> Option<T> {
        let key = self.key(id);
        let text = if self.on_device { device::get(&key) } else { None };
        let text = text.or_else(|| KEPT.with_borrow(|kept| kept.get(&key).map(|kept| kept.text.clone())))?;
        serde_json::from_str(&text).ok()
    }

    pub fn forget(self, id: impl Display) {
        let key = self.key(id);
        if self.on_device {
            device::remove(&key);
        }
        KEPT.with_borrow_mut(|kept| kept.remove(&key));
    }
}

/// Empties every shelf: whoever signs out leaves nothing for the next person at this device.
pub fn forget_all() {
    device::remove_all(PREFIX);
    KEPT.with_borrow_mut(HashMap::clear);
}

/// Whether closing the page would lose something.
pub fn any_dear() -> bool {
    KEPT.with_borrow(|kept| kept.values().any(|kept| kept.dear))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_waits_on_its_shelf() {
        let (page, other) = (Shelf::of_page("page"), Shelf::of_page("other"));
        assert!(!any_dear());
        page.keep(1, &"Why?".to_owned(), true);
        assert_eq!(page.kept::<String>(1).as_deref(), Some("Why?"));
        assert_eq!((page.kept::<String>(2), other.kept::<String>(1)), (None, None));
        assert_eq!(page.kept::<u32>(1), None, "what cannot be read is as good as none");
        assert!(any_dear());
        page.keep(1, &"Why?".to_owned(), false);
        assert!(!any_dear());
        page.forget(1);
        assert_eq!(page.kept::<String>(1), None);
    }

    #[test]
    fn what_the_device_will_not_keep_is_dear() {
        // Here is no device.
        let shelf = Shelf::of_device("device");
        shelf.keep("me/1", &"Why?".to_owned(), true);
        assert!(any_dear());
        assert_eq!(shelf.kept::<String>("me/1").as_deref(), Some("Why?"));
        shelf.keep("me/2", &"Why?".to_owned(), true);
        shelf.forget("me/1");
        assert!(any_dear());
        forget_all();
        assert!(!any_dear());
        assert_eq!(shelf.kept::<String>("me/2"), None);
    }
}
