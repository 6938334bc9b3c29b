//! Stems of English words.

/// A light English stemmer: takes off what changes form but not meaning.
pub fn stem(word: &str) -> String {
    if word.len() <= 3 || !word.is_ascii() {
        return word.to_owned();
    }
    let mut w = word.to_owned();
    if let Some(base) = w.strip_suffix("ies").filter(|base| base.len() > 1) {
        w = format!("{base}y");
    } else if let Some(base) = w.strip_suffix("sses") {
        w = format!("{base}ss");
    } else if w.ends_with('s') && !w.ends_with("ss") && !w.ends_with("us") && !w.ends_with("is") {
        w.pop();
    }
    for suffix in ["ingly", "edly", "ing", "ed", "ly"] {
        if let Some(base) = w.strip_suffix(suffix)
            && base.len() >= 3
            && base.bytes().any(|b| b"aeiouy".contains(&b))
        {
            w = base.to_owned();
            let bytes = w.as_bytes();
            let n = bytes.len();
            // "stopped" → "stop", but "falling" → "fall".
            if n > 2 && bytes[n - 1] == bytes[n - 2] && !b"lsz".contains(&bytes[n - 1]) {
                w.pop();
            }
            break;
        }
    }
    for (suffix, to) in [("ation", "at"), ("ition", "it"), ("ion", ""), ("ment", "")] {
        if let Some(base) = w.strip_suffix(suffix)
            && base.len() >= 4
        {
            w = format!("{base}{to}");
            break;
        }
    }
    if w.len() > 3 && w.ends_with('e') {
        w.pop();
    }
    w
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_meet() {
        for (a, b) in [
            ("evaporates", "evaporated"),
            ("evaporation", "evaporate"),
            ("batteries", "battery"),
            ("stopped", "stops"),
            ("separately", "separate"),
        ] {
            assert_eq!(stem(a), stem(b), "{a} {b}");
        }
        assert_eq!(stem("glass"), "glass");
    }
}
