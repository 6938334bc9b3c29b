//! Courses, roles, and the forms that change them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What somebody is in one course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sea_orm::DeriveValueType, utoipa::ToSchema))]
#[cfg_attr(feature = "ssr", sea_orm(value_type = "String"))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Student,
    Assistant,
    Teacher,
}

impl Role {
    pub const ALL: [Role; 3] = [Role::Student, Role::Assistant, Role::Teacher];

    pub fn name(self) -> &'static str {
        match self {
            Role::Student => "student",
            Role::Assistant => "assistant",
            Role::Teacher => "teacher",
        }
    }

    /// Sees answers and grades of others.
    pub fn is_staff(self) -> bool {
        self >= Role::Assistant
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text is no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A role is student, assistant or teacher.")]
pub struct RoleError;

impl FromStr for Role {
    type Err = RoleError;
    fn from_str(text: &str) -> Result<Self, RoleError> {
        let text = text.trim().to_lowercase();
        Role::ALL.into_iter().find(|role| role.name() == text).ok_or(RoleError)
    }
}
