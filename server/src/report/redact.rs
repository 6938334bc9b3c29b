//! Secrets out of evidence: the configured ones by their letters, and whatever looks like one.

use crate::config::{Config, KEYS};

const HIDDEN: &str = "(hidden)";

/// Words that never stand in a report.
pub struct Redactor {
    words: Vec<String>,
}

impl Redactor {
    /// Every secret of the configuration, and `more`, such as a token given on the command line.
    pub fn of(config: &Config, more: Option<&str>) -> Redactor {
        let table = toml::Table::try_from(config).unwrap_or_default();
        let mut words: Vec<String> = more.map(str::to_owned).into_iter().collect();
        for key in KEYS.iter().filter(|key| key.secret) {
            let found = key
                .path
                .split_once('.')
                .and_then(|(section, name)| table.get(section)?.get(name)?.as_str());
            for part in found.unwrap_or_default().split(',').map(str::trim) {
                words.push(part.to_owned());
                words.extend(password(part));
            }
        }
        // Of a word that is part of another the longer goes first; very short ones would blacken half a page.
        words.retain(|word| word.len() >= 4);
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.dedup();
        Redactor { words }
    }

    pub fn clean(&self, text: &str) -> String {
        let mut text = self
            .words
            .iter()
            .fold(text.to_owned(), |text, word| text.replace(word, HIDDEN));
        for mark in ["AGE-SECRET-KEY-", "Bearer "] {
            text = blacken_after(&text, mark);
        }
        without_user_info(&text)
    }
}

/// The password in an address, as it is written there and as it is meant.
fn password(address: &str) -> Vec<String> {
    let Ok(url) = address.parse::<url::Url>() else {
        return Vec::new();
    };
    let Some(raw) = url.password() else {
        return Vec::new();
    };
    let meant = url::form_urlencoded::parse(format!("p={}", raw.replace('+', "%2B").replace('&', "%26")).as_bytes())
        .next()
        .map(|(_, value)| value.into_owned());
    std::iter::once(raw.to_owned()).chain(meant).collect()
}

fn blacken_after(text: &str, mark: &str) -> String {
    let mut pieces = text.split(mark);
    let mut clean = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|c: char| !c.is_ascii_graphic()).unwrap_or(piece.len());
        clean.push_str(mark);
        clean.push_str(HIDDEN);
        clean.push_str(&piece[end..]);
    }
    clean
}

/// `mysql://user:password@host` becomes `mysql://(hidden)@host`.
fn without_user_info(text: &str) -> String {
    let mut pieces = text.split("://");
    let mut clean = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece
            .find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '<' | '>'))
            .unwrap_or(piece.len());
        clean.push_str("://");
        match piece[..end].rfind('@') {
            Some(at) => {
                clean.push_str(HIDDEN);
                clean.push_str(&piece[at..]);
            }
            None => clean.push_str(piece),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configured_secrets_and_what_looks_like_one_are_hidden() {
        let mut config = Config::default();
        config.database.url = Some("mysql://grader:s3cr%2Ft@db:3306/auto_grader".into());
        config.storage.secret_key = Some("storage-secret".into());
        config.admin.password = Some("abc".into());
        let redactor = Redactor::of(&config, Some("token-of-the-check"));
        let text = "no mysql://grader:s3cr%2Ft@db:3306/x, s3cr%2Ft, s3cr/t; storage-secret token-of-the-check, \
            redis://default:other@cache:6379 Bearer abcdef.ghi and AGE-SECRET-KEY-1QQ, https://school.example/a@b";
        let clean = redactor.clean(text);
        for secret in ["s3cr", "storage-secret", "token-of", "other", "abcdef", "1QQ"] {
            assert!(!clean.contains(secret), "{secret} in {clean}");
        }
        assert!(clean.contains("redis://(hidden)@cache:6379"), "{clean}");
        assert!(
            clean.contains("https://school.example/a@b"),
            "an address without a password stays: {clean}"
        );
    }
}
