//! The little that saving asks of the browser: a place on the device, a clock, and ids. On the server each does nothing.

pub use face::*;

#[cfg(feature = "hydrate")]
mod face {
    use crate::ids::JournalId;
    use crate::time::Timestamp;
    use web_sys::{Storage, window};

    fn storage() -> Option<Storage> {
        window().and_then(|window| window.local_storage().ok().flatten())
    }

    /// Keeps a text; `false` when the device will not (private window, no room left).
    pub fn put(key: &str, text: &str) -> bool {
        storage().is_some_and(|storage| storage.set_item(key, text).is_ok())
    }

    pub fn get(key: &str) -> Option<String> {
        storage()?.get_item(key).ok().flatten()
    }

    pub fn remove(key: &str) {
        if let Some(storage) = storage() {
            let _ = storage.remove_item(key);
        }
    }

    fn keys(storage: &Storage, prefix: &str) -> Vec<String> {
        let keys = (0..storage.length().unwrap_or_default()).filter_map(|place| storage.key(place).ok().flatten());
        keys.filter(|key| key.starts_with(prefix)).collect()
    }

    /// All texts whose key begins with `prefix`.
    pub fn all(prefix: &str) -> Vec<String> {
        let Some(storage) = storage() else { return Vec::new() };
        keys(&storage, prefix)
            .iter()
            .filter_map(|key| storage.get_item(key).ok().flatten())
            .collect()
    }

    pub fn remove_all(prefix: &str) {
        if let Some(storage) = storage() {
            keys(&storage, prefix).iter().for_each(|key| remove(key));
        }
    }

    /// By the device's clock, which counts milliseconds.
    pub fn now() -> Timestamp {
        Timestamp((js_sys::Date::now() * 1000.0) as i64)
    }

    /// A random id. `crypto.randomUUID` exists on secure pages only; random bytes exist everywhere.
    pub fn new_id() -> JournalId {
        let mut bytes = [0u8; 16];
        let drawn = window()
            .and_then(|window| window.crypto().ok())
            .is_some_and(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).is_ok());
        if !drawn {
            bytes.fill_with(|| (js_sys::Math::random() * 256.0) as u8);
        }
        JournalId(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    pub fn is_online() -> bool {
        window().is_none_or(|window| window.navigator().on_line())
    }

    pub fn is_hidden() -> bool {
        window()
            .and_then(|window| window.document())
            .is_some_and(|document| document.hidden())
    }
}

#[cfg(not(feature = "hydrate"))]
mod face {
    use crate::ids::JournalId;
    use crate::time::Timestamp;

    pub fn put(_key: &str, _text: &str) -> bool {
        false
    }

    pub fn get(_key: &str) -> Option<String> {
        None
    }

    pub fn remove(_key: &str) {}

    pub fn all(_prefix: &str) -> Vec<String> {
        Vec::new()
    }

    pub fn remove_all(_prefix: &str) {}

    pub fn now() -> Timestamp {
        Timestamp::default()
    }

    pub fn new_id() -> JournalId {
        JournalId(uuid::Uuid::nil())
    }

    pub fn is_online() -> bool {
        true
    }

    pub fn is_hidden() -> bool {
        false
    }
}
