//! What a valid e-mail address, name and password is, and what the profile shows.

use crate::error::FieldError;
use crate::ids::{TokenId, UserId};
use crate::time::Moment;
use serde::{Deserialize, Serialize};

/// The person looking at the page, as far as the frame around it cares.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Viewer {
    pub user: Option<Person>,
    pub institution: String,
    pub demo: bool,
    pub self_registration: bool,
    /// `light` or `dark` when chosen; empty follows the system.
    pub theme: String,
    /// A window of maintenance that is under way or near.
    pub maintenance: Option<crate::maintenance::model::Announcement>,
    /// Notifications not seen yet.
    pub unread: u32,
    /// Whether the person's address waits to be confirmed.
    pub unverified: bool,
    /// Whether this installation sends mail.
    pub mail: bool,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Person {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub is_admin: bool,
    pub must_change_password: bool,
}

/// One place where somebody is signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionInfo {
    /// Not the session's id, which is a secret, but a fingerprint of it.
    pub handle: String,
    pub browser: String,
    pub address: String,
    pub created_at: Moment,
    pub last_seen_at: Moment,
    pub current: bool,
}

/// An API token without its secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct TokenInfo {
    pub id: TokenId,
    pub name: String,
    /// The first characters, to tell tokens apart.
    pub prefix: String,
    pub scopes: Vec<String>,
    pub created_at: Moment,
    pub last_used_at: Option<Moment>,
    pub expires_at: Option<Moment>,
}

/// What a token may be allowed: reading, changing, administration.
pub const SCOPES: [(&str, &str); 3] = [("read", "Read"), ("write", "Change"), ("admin", "Administer")];

/// The profile page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    pub person: Person,
    pub sessions: Vec<SessionInfo>,
    pub tokens: Vec<TokenInfo>,
}

/// A normalised address: trimmed and in lower case, so that one person has one account.
pub fn email(text: &str) -> Result<String, &'static str> {
    let text = text.trim().to_lowercase();
    let parts: Vec<&str> = text.split('@').collect();
    let [local, domain] = parts.as_slice() else {
        return Err("Enter an e-mail address, such as name@school.example.");
    };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\"\\".contains(c);
    let labels = domain
        .split('.')
        .all(|l| !l.is_empty() && l.chars().all(|c| c.is_alphanumeric() || c == '-'));
    if local.is_empty() || !local.chars().all(plain) || !labels || !domain.contains('.') {
        return Err("Enter an e-mail address, such as name@school.example.");
    }
    if text.len() > 190 {
        return Err("This e-mail address is too long.");
    }
    Ok(text)
}

/// A name as people write it: trimmed, one line, 1–200 characters.
pub fn name(text: &str) -> Result<String, &'static str> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.chars().count() {
        0 => Err("Enter a name."),
        n if n > 200 => Err("A name has at most 200 characters."),
        _ if text.chars().any(char::is_control) => Err("A name has no control characters."),
        _ => Ok(text),
    }
}

/// Length beats complexity: at least ten characters, and not the address or the name.
pub fn password(text: &str, email: &str) -> Result<(), &'static str> {
    let count = text.chars().count();
    let distinct = text.chars().collect::<std::collections::BTreeSet<_>>().len();
    if count < 10 {
        Err("Use at least 10 characters. A few unrelated words work well.")
    } else if count > 200 {
        Err("Use at most 200 characters.")
    } else if distinct < 5 || COMMON.contains(&text.to_lowercase().as_str()) {
        Err("This password is too easy to guess.")
    } else if text.to_lowercase() == email
        || email
            .split('@')
            .next()
            .is_some_and(|local| local.len() > 4 && text.to_lowercase().contains(local))
    {
        Err("The password must not contain your e-mail address.")
    } else {
        Ok(())
    }
}

const COMMON: [&str; 8] = [
    "1234567890",
    "password123",
    "password1234",
    "qwertyuiop",
    "passwort123",
    "letmein123",
    "iloveyou123",
    "0123456789",
];

/// The valid parts, or every field's error at once.
pub fn collect(checks: [(&str, Result<(), &'static str>); 3]) -> Vec<FieldError> {
    let failed = |(field, result): (&str, Result<(), &'static str>)| {
        result.err().map(|message| FieldError {
            field: field.into(),
            message: message.into(),
        })
    };
    checks.into_iter().filter_map(failed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_person_has_one_address() {
        assert_eq!(email(" Ada@School.Example "), Ok("ada@school.example".into()));
        for bad in [
            "",
            "ada",
            "ada@",
            "@x.y",
            "a b@x.y",
            "a@b@c.d",
            "a@nodot",
            "a@x..y",
            "<script>@x.y",
        ] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn weak_passwords_are_refused() {
        for bad in ["short", "1234567890", "aaaaaaaaaaaaaa", "ada.lovelace1843"] {
            assert!(password(bad, "ada.lovelace@x.y").is_err(), "{bad}");
        }
        assert!(password("correct horse battery", "ada@x.y").is_ok());
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,60}") {
            if let Ok(once) = email(&text) { prop_assert_eq!(email(&once), Ok(once.clone())); }
            if let Ok(once) = name(&text) { prop_assert_eq!(name(&once), Ok(once.clone())); }
        }
    }
}
