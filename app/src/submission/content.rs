//! The fingerprint of a submission: SHA-256 over one canonical form of its answers.
//!
//! The form is JSON without spaces: `[["<question>",<value>],…]` in the order of the questions; an attached file adds its own
//! SHA-256 as a third element. It must never change: receipts already given would no longer fit.

use crate::error::{AppError, AppResult};
use crate::ids::QuestionId;
use crate::question::model::AnswerValue;
use sha2::{Digest, Sha256};

/// One answer as it goes into the fingerprint.
#[derive(Clone, Debug)]
pub struct Part {
    pub question: QuestionId,
    pub value: AnswerValue,
    /// SHA-256 of the attached file, hex.
    pub file_hash: Option<String>,
}

/// Hex of the fingerprint; `parts` stand in the order of the questions.
pub fn hash(parts: &[Part]) -> AppResult<String> {
    Ok(hex::encode(Sha256::digest(canonical(parts)?.as_bytes())))
}

fn canonical(parts: &[Part]) -> AppResult<String> {
    let mut text = String::from("[");
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        let one = match &part.file_hash {
            None => serde_json::to_string(&(part.question, &part.value)),
            Some(hash) => serde_json::to_string(&(part.question, &part.value, hash)),
        };
        text.push_str(&one.map_err(AppError::internal)?);
    }
    text.push(']');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::FileId;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn part(question: u128, value: AnswerValue) -> Part {
        Part {
            question: QuestionId(Uuid::from_u128(question)),
            value,
            file_hash: None,
        }
    }

    #[test]
    fn the_canonical_form_is_fixed() {
        let file = AnswerValue::File {
            file: FileId(Uuid::from_u128(3)),
            text: "see file".into(),
        };
        let parts = [
            part(1, AnswerValue::Text("a \"b\"\n".into())),
            part(2, AnswerValue::Choice(vec![0, 2])),
            Part {
                file_hash: Some("ff".into()),
                ..part(3, file)
            },
        ];
        assert_eq!(
            canonical(&parts).expect("text"),
            concat!(
                r#"[["00000000-0000-0000-0000-000000000001",{"is":"text","value":"a \"b\"\n"}],"#,
                r#"["00000000-0000-0000-0000-000000000002",{"is":"choice","value":[0,2]}],"#,
                r#"["00000000-0000-0000-0000-000000000003",{"is":"file","value":{"file":"00000000-0000-0000-0000-000000000003","text":"see file"}},"ff"]]"#
            )
        );
        assert_eq!(
            hash(&[]).expect("hash"),
            "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"
        );
    }

    proptest! {
        #[test]
        fn one_changed_letter_changes_the_fingerprint(text in ".{0,60}", more in ".{1,5}") {
            let before = hash(&[part(1, AnswerValue::Text(text.clone()))]).expect("hash");
            let after = hash(&[part(1, AnswerValue::Text(text + &more))]).expect("hash");
            prop_assert_ne!(before, after);
        }
    }
}
