//! The answer page as a plain HTML form: how its fields read.

use crate::question::model::{AnswerValue, Paper};
use serde::{Deserialize, Serialize};

/// The fields of one question: `answers[0][question]`, `answers[0][text]`, `answers[0][choice][]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormAnswer {
    pub question: String,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub choice: Vec<String>,
}

impl FormAnswer {
    /// The answer these fields give; a file attached before stays attached. `None` for a choice that is no number.
    pub fn value(&self, paper: &Paper, before: Option<&AnswerValue>) -> Option<AnswerValue> {
        match paper {
            Paper::ShortAnswer { .. } | Paper::Numeric { .. } => {
                // Forms send CRLF; scripts send LF. One form of each text, or saving twice would look like a change.
                let text = self.text.replace("\r\n", "\n");
                Some(match before {
                    Some(AnswerValue::File { file, .. }) => AnswerValue::File { file: *file, text },
                    _ => AnswerValue::Text(text),
                })
            }
            Paper::SingleChoice { .. } | Paper::MultipleChoice { .. } | Paper::TrueFalse => {
                let mut chosen = self
                    .choice
                    .iter()
                    .map(|option| option.parse().ok())
                    .collect::<Option<Vec<u16>>>()?;
                chosen.sort_unstable();
                chosen.dedup();
                Some(AnswerValue::Choice(chosen))
            }
        }
    }
}

/// The name of a field of the question at `place`.
pub fn field(place: usize, part: &str) -> String {
    format!("answers[{place}][{part}]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::FileId;

    #[test]
    fn fields_become_answers() {
        let form = FormAnswer {
            text: "a\r\nb".into(),
            choice: vec!["2".into(), "0".into(), "2".into()],
            ..FormAnswer::default()
        };
        let words = Paper::ShortAnswer { allow_file: true };
        assert_eq!(form.value(&words, None), Some(AnswerValue::Text("a\nb".into())));
        assert_eq!(
            form.value(&Paper::MultipleChoice { options: vec![] }, None),
            Some(AnswerValue::Choice(vec![0, 2]))
        );
        let file = FileId(uuid::Uuid::nil());
        let before = AnswerValue::File {
            file,
            text: "old".into(),
        };
        assert_eq!(
            form.value(&words, Some(&before)),
            Some(AnswerValue::File {
                file,
                text: "a\nb".into()
            })
        );
        let odd = FormAnswer {
            choice: vec!["first".into()],
            ..FormAnswer::default()
        };
        assert_eq!(odd.value(&Paper::TrueFalse, None), None);
    }
}
