//! Cutting a text where marks begin and end.

/// Bytes `start..end` of a text that carried a score, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub start: u32,
    pub end: u32,
    pub label: String,
}

impl Mark {
    pub fn new(start: u32, end: u32, label: impl Into<String>) -> Self {
        Self {
            start,
            end,
            label: label.into(),
        }
    }
}

/// A run of text, marked or not.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub text: String,
    pub label: Option<String>,
}

/// The whole text in order. Marks that fall outside the text, inside a letter, or into an earlier mark are left out:
/// what the student wrote is shown whole whatever the marks say.
pub(super) fn split(text: &str, marks: &[Mark]) -> Vec<Piece> {
    let mut ordered: Vec<&Mark> = marks.iter().collect();
    ordered.sort_by_key(|mark| (mark.start, mark.end));
    let mut pieces = Vec::new();
    let mut at = 0;
    for mark in ordered {
        let (start, end) = (mark.start as usize, mark.end as usize);
        if start < at || start >= end {
            continue;
        }
        let (Some(before), Some(marked)) = (text.get(at..start), text.get(start..end)) else {
            continue;
        };
        if !before.is_empty() {
            pieces.push(Piece {
                text: before.to_owned(),
                label: None,
            });
        }
        pieces.push(Piece {
            text: marked.to_owned(),
            label: Some(mark.label.clone()),
        });
        at = end;
    }
    if at < text.len() {
        pieces.push(Piece {
            text: text[at..].to_owned(),
            label: None,
        });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::{Mark, split};

    fn joined(text: &str, marks: &[Mark]) -> (String, usize) {
        let pieces = split(text, marks);
        (
            pieces.iter().map(|piece| piece.text.as_str()).collect(),
            pieces.iter().filter(|piece| piece.label.is_some()).count(),
        )
    }

    #[test]
    fn the_text_survives_any_marks() {
        let text = "Übung macht den Meister";
        for marks in [
            vec![],
            vec![Mark::new(0, 6, "a")],
            vec![Mark::new(1, 4, "inside a letter")],
            vec![
                Mark::new(7, 12, "b"),
                Mark::new(9, 20, "overlaps"),
                Mark::new(50, 60, "outside"),
            ],
            vec![Mark::new(5, 5, "empty"), Mark::new(9, 3, "backwards")],
        ] {
            assert_eq!(joined(text, &marks).0, text);
        }
        assert_eq!(joined(text, &[Mark::new(7, 12, "b"), Mark::new(0, 6, "a")]).1, 2);
    }
}
