//! What people enter about a course and about a person, and what is right about it.

use crate::account;
use crate::error::{AppError, AppResult, FieldError};
use serde::{Deserialize, Serialize};

/// What a course is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct CourseForm {
    /// Short and well known: `BIO101`.
    pub code: String,
    pub title: String,
    #[serde(default)]
    pub term: String,
    #[serde(default)]
    pub description: String,
}

impl CourseForm {
    /// The same with outer blanks removed, if it can be stored.
    pub fn checked(self) -> AppResult<CourseForm> {
        let mut wrong = Vec::new();
        let form = CourseForm {
            code: line(
                "code",
                &self.code,
                40,
                "Enter a course code, such as BIO101.",
                &mut wrong,
            ),
            title: line("title", &self.title, 200, "Enter a title.", &mut wrong),
            term: line("term", &self.term, 60, "", &mut wrong),
            description: self.description.trim().replace("\r\n", "\n"),
        };
        if form.description.chars().count() > 5000 {
            wrong.push(error("description", "Use at most 5,000 characters."));
        }
        AppError::from_fields(wrong).map(|()| form)
    }
}

/// Somebody as an inviting person knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", schema(as = Invitee))]
pub struct Person {
    pub email: String,
    /// May be empty when the account exists.
    #[serde(default)]
    pub name: String,
}

impl Person {
    /// With the address in its stored form; `email_field` and `name_field` name the inputs in errors.
    pub fn checked(self, email_field: &str, name_field: &str) -> AppResult<Person> {
        let mut wrong = Vec::new();
        let email = account::model::email(&self.email).unwrap_or_else(|message| {
            wrong.push(error(email_field, message));
            String::new()
        });
        let name = line(name_field, &self.name, 200, "", &mut wrong);
        AppError::from_fields(wrong).map(|()| Person { email, name })
    }
}

/// One line of text without control characters, at most `most` long; `missing` is said when it is empty, unless it may be.
pub fn line(field: &str, text: &str, most: usize, missing: &str, wrong: &mut Vec<FieldError>) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() && !missing.is_empty() {
        wrong.push(error(field, missing));
    } else if text.chars().count() > most {
        wrong.push(error(field, format!("Use at most {most} characters.")));
    } else if text.contains(char::is_control) {
        wrong.push(error(field, "Remove the invisible control characters."));
    }
    text
}

fn error(field: &str, message: impl Into<String>) -> FieldError {
    FieldError {
        field: field.into(),
        message: message.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_course_needs_a_code_and_a_title() {
        let error = CourseForm {
            term: "x".repeat(61),
            ..CourseForm::default()
        }
        .checked()
        .expect_err("must be refused");
        assert!(
            error.for_field("code").is_some()
                && error.for_field("title").is_some()
                && error.for_field("term").is_some()
        );
        let form = CourseForm {
            code: "  BIO \t101 ".into(),
            title: "Cells".into(),
            ..CourseForm::default()
        };
        assert_eq!(form.checked().expect("is right").code, "BIO 101");
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_accepted_again_unchanged(code in "\\PC{0,50}", title in "\\PC{0,30}", description in "(?s).{0,30}") {
            let form = CourseForm { code, title, description, ..CourseForm::default() };
            if let Ok(checked) = form.checked() {
                prop_assert_eq!(checked.clone().checked(), Ok(checked));
            }
        }
    }
}
