//! Checks for text that people write: not empty, not endless, and nothing in it that a database or a page cannot hold.

/// What is wrong with a text that must be there; `what` begins the sentence: `The title`.
pub(crate) fn required(what: &str, text: &str, most: usize) -> Option<String> {
    if text.trim().is_empty() {
        Some(format!("{what} is missing."))
    } else {
        optional(what, text, most)
    }
}

/// What is wrong with a text that may be left out.
pub(crate) fn optional(what: &str, text: &str, most: usize) -> Option<String> {
    let length = text.chars().count();
    if length > most {
        return Some(format!("{what} has {length} characters; the most is {most}."));
    }
    let strange = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    text.contains(strange)
        .then(|| format!("{what} contains an invisible control character. Remove it, or type the text anew."))
}

/// Line breaks as one character, no space at the end.
pub(crate) fn tidy(text: &str) -> String {
    text.replace("\r\n", "\n").trim_end().to_owned()
}

/// One line without space around it.
pub(crate) fn tidy_line(text: &str) -> String {
    text.trim().replace(['\r', '\n'], " ")
}

/// `1 question`, `5 questions`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_is_wrong() {
        assert_eq!(required("The title", "  ", 5), Some("The title is missing.".into()));
        assert_eq!(required("The title", "Übung", 5), None);
        assert_eq!(
            optional("The title", "Übungen", 5),
            Some("The title has 7 characters; the most is 5.".into())
        );
        assert!(optional("The title", "a\0b", 5).is_some());
        assert_eq!(optional("The text", "two\nlines\tand a tab", 50), None);
    }

    #[test]
    fn counts_in_words() {
        assert_eq!(counted(1, "question", "questions"), "1 question");
        assert_eq!(counted(0, "question", "questions"), "0 questions");
    }
}
