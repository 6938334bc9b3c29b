//! One-time passwords, and how they reach whoever made the accounts.
//!
//! Nothing readable is ever stored here. All passwords of one act come from one random seed and the address they are
//! for. The seed travels in a short-lived cookie that scripts cannot read, to the one browser that is to show the passwords; its
//! next page works them out again, shows them, and takes the cookie away.

use crate::entity::user;
use crate::error::{AppError, AppResult};
use crate::ids::UserId;
use crate::platform::password;
use crate::time::Timestamp;
use futures::future::try_join_all;
use hmac::{Hmac, Mac};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use sha2::Sha256;
use std::collections::HashMap;

/// The passwords of one act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    seed: [u8; 16],
    /// When the act happened: `password_changed_at` of everyone in it.
    pub at: Timestamp,
}

/// Without letters and digits that look alike.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

impl Batch {
    pub fn new(at: Timestamp) -> Batch {
        Batch {
            seed: rand::random(),
            at,
        }
    }

    /// The password for an address: 80 random bits in four groups, `k7mq-2xwd-9rtb-h4fz`.
    pub fn password(&self, email: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.seed).expect("HMAC takes keys of any length");
        mac.update(email.as_bytes());
        let bytes = mac.finalize().into_bytes();
        let letters = bytes
            .iter()
            .take(16)
            .map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
        let mut text = String::with_capacity(19);
        for (place, letter) in letters.enumerate() {
            if place > 0 && place % 4 == 0 {
                text.push('-');
            }
            text.push(letter);
        }
        text
    }

    pub fn to_text(&self) -> String {
        format!("{}.{}", hex::encode(self.seed), self.at.0)
    }

    pub fn from_text(text: &str) -> Option<Batch> {
        let (seed, at) = text.split_once('.')?;
        let seed = hex::decode(seed).ok()?.try_into().ok()?;
        Some(Batch {
            seed,
            at: Timestamp(at.parse().ok()?),
        })
    }

    /// What to store for these addresses. Slow on purpose: call it before a transaction begins.
    pub async fn hashes(&self, emails: impl IntoIterator<Item = &str>) -> AppResult<HashMap<String, String>> {
        let each = emails.into_iter().map(|email| {
            let (email, password) = (email.to_owned(), self.password(email));
            async move { Ok::<_, AppError>((email, password::hash(password).await?)) }
        });
        Ok(try_join_all(each).await?.into_iter().collect())
    }

    /// An account that opens with its one-time password.
    pub fn account(&self, email: &str, name: &str, hash: String) -> user::Model {
        user::Model {
            id: UserId::new(),
            email: email.to_owned(),
            name: name.to_owned(),
            password_hash: hash,
            is_admin: false,
            must_change_password: true,
            created_at: self.at,
            password_changed_at: self.at,
            deactivated_at: None,
            last_sign_in_at: None,
        }
    }
}

/// Stores new accounts.
pub async fn insert(tx: &impl ConnectionTrait, accounts: Vec<user::Model>) -> AppResult<()> {
    if accounts.is_empty() {
        return Ok(());
    }
    let rows = accounts.into_iter().map(|account| user::ActiveModel {
        id: Set(account.id),
        email: Set(account.email),
        name: Set(account.name),
        password_hash: Set(account.password_hash),
        is_admin: Set(account.is_admin),
        must_change_password: Set(account.must_change_password),
        created_at: Set(account.created_at),
        password_changed_at: Set(account.password_changed_at),
        deactivated_at: Set(account.deactivated_at),
        last_sign_in_at: Set(account.last_sign_in_at),
    });
    match user::Entity::insert_many(rows).exec_without_returning(tx).await {
        Ok(_) => Ok(()),
        Err(error) if crate::platform::db::is_duplicate(&error) => Err(AppError::conflict(
            "Somebody else has just made one of these accounts. Nothing was changed; try again.",
        )),
        Err(error) => Err(error.into()),
    }
}

/// The cookie's way in and out of a page.
pub mod cookie {
    use super::Batch;
    use ::http::{HeaderValue, header, request::Parts};
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;

    const NAME: &str = "handover";

    /// Gives the passwords to this browser.
    pub fn give(batch: &Batch, secure: bool) {
        put(&batch.to_text(), 600, secure);
    }

    /// What this browser was given, and takes it away.
    pub fn take(secure: bool) -> Option<Batch> {
        let parts = use_context::<Parts>()?;
        let batch = parts
            .headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == NAME).then(|| Batch::from_text(value)).flatten())?;
        put("", 0, secure);
        Some(batch)
    }

    /// The whole header value.
    pub fn header(value: &str, seconds: u32, secure: bool) -> String {
        let secure = if secure { "; Secure" } else { "" };
        format!("{NAME}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
    }

    fn put(value: &str, seconds: u32, secure: bool) {
        if let (Some(response), Ok(value)) = (
            use_context::<ResponseOptions>(),
            HeaderValue::from_str(&header(value, seconds, secure)),
        ) {
            response.append_header(header::SET_COOKIE, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_travels_and_gives_the_same_passwords() {
        let batch = Batch::new(Timestamp(42));
        let back = Batch::from_text(&batch.to_text()).expect("is a batch");
        assert_eq!(back, batch);
        assert_eq!(back.password("ada@x.example"), batch.password("ada@x.example"));
        assert_ne!(batch.password("ada@x.example"), batch.password("grace@x.example"));
        assert_ne!(
            Batch::new(Timestamp(42)).password("ada@x.example"),
            batch.password("ada@x.example")
        );
    }

    #[test]
    fn a_password_is_easy_to_dictate() {
        let password = Batch::new(Timestamp(0)).password("ada@x.example");
        assert_eq!(password.len(), 19);
        assert!(
            password
                .split('-')
                .all(|group| group.len() == 4 && group.bytes().all(|b| LETTERS.contains(&b)))
        );
    }

    #[test]
    fn nonsense_is_no_batch() {
        for text in ["", ".", "00.1", "zz.1", "00112233445566778899aabbccddeeff.x"] {
            assert_eq!(Batch::from_text(text), None, "{text}");
        }
    }
}
