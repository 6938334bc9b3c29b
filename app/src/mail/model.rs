//! The kinds of mail, and what the pages about mail show.

use crate::ids::{MailId, NotificationId};
use crate::time::{Moment, Timestamp};
use serde::{Deserialize, Serialize};

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    ConfirmAddress,
    ResetPassword,
    PasswordChanged,
    SubmissionReceived,
    GradePublished,
    Maintenance,
    Rollback,
    Test,
}

impl Kind {
    pub const ALL: [Kind; 8] = [
        Kind::ConfirmAddress,
        Kind::ResetPassword,
        Kind::PasswordChanged,
        Kind::SubmissionReceived,
        Kind::GradePublished,
        Kind::Maintenance,
        Kind::Rollback,
        Kind::Test,
    ];

    /// As stored and in forms.
    pub fn code(self) -> &'static str {
        match self {
            Self::ConfirmAddress => "confirm_address",
            Self::ResetPassword => "reset_password",
            Self::PasswordChanged => "password_changed",
            Self::SubmissionReceived => "submission_received",
            Self::GradePublished => "grade_published",
            Self::Maintenance => "maintenance",
            Self::Rollback => "rollback",
            Self::Test => "test",
        }
    }

    pub fn from_code(code: &str) -> Option<Kind> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::ConfirmAddress => "Confirm your address",
            Self::ResetPassword => "Reset your password",
            Self::PasswordChanged => "Password changed",
            Self::SubmissionReceived => "Submission received",
            Self::GradePublished => "Grades published",
            Self::Maintenance => "Planned maintenance",
            Self::Rollback => "Return to an earlier version",
            Self::Test => "Test mail",
        }
    }

    /// What it tells, for the page of preferences.
    pub fn explains(self) -> &'static str {
        match self {
            Self::SubmissionReceived => "The receipt of what you submitted.",
            Self::GradePublished => "Your teacher has published grades. The mail never holds the score.",
            Self::Maintenance => "When changes will be paused for a while.",
            _ => "Needed for your account; it cannot be switched off.",
        }
    }

    /// Somebody waits for it, or must know at once: it ignores quiet hours.
    pub fn is_urgent(self) -> bool {
        !self.is_optional()
    }

    /// Whether people may switch it off.
    pub fn is_optional(self) -> bool {
        matches!(
            self,
            Self::SubmissionReceived | Self::GradePublished | Self::Maintenance
        )
    }

    /// Whether it is also listed in the app. What holds a secret link is not.
    pub fn is_in_app(self) -> bool {
        !matches!(self, Self::ConfirmAddress | Self::ResetPassword | Self::Test)
    }

    /// Whether its text holds a secret, which is wiped as soon as it has been sent.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::ConfirmAddress | Self::ResetPassword)
    }
}

/// One notification in the app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub id: NotificationId,
    pub title: String,
    pub body: String,
    /// A path of ours.
    pub link: Option<String>,
    pub at: Moment,
    pub unread: bool,
}

/// The page of notifications.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Notes {
    pub notes: Vec<Note>,
    pub unread: u32,
    /// For the next page of older ones.
    pub before: Option<NotificationId>,
    pub now: Timestamp,
}

/// Whether one kind is wanted by mail and in the app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    pub kind: Kind,
    pub mail: bool,
    pub app: bool,
}

/// What somebody wants to be told, and when not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    pub wishes: Vec<Wish>,
    /// `22:00`; empty without quiet hours.
    pub quiet_from: String,
    pub quiet_until: String,
    /// IANA name; empty for the institution's.
    pub time_zone: String,
    pub institution_zone: String,
    pub time_zones: Vec<String>,
    /// Whether this installation sends mail at all.
    pub mail: bool,
}

/// One mail of the outbox, without its text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Posted {
    pub id: MailId,
    pub kind: String,
    pub recipient: String,
    pub subject: String,
    pub state: String,
    pub attempts: i32,
    pub problem: Option<String>,
    pub created: Moment,
    pub next: Option<Moment>,
    pub finished: Option<Moment>,
}

/// The administrator's page about mail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outbox {
    pub mails: Vec<Posted>,
    /// State and number, in the order of the page.
    pub counts: Vec<(String, u64)>,
    pub before: Option<MailId>,
    /// Where mail goes and whom it comes from; nothing when mail is off.
    pub sends: Option<String>,
    pub own_address: String,
}

/// Minutes since midnight of `HH:MM`.
pub fn minute(text: &str) -> Option<i32> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let (hours, minutes) = (hours.parse::<i32>().ok()?, minutes.get(..2)?.parse::<i32>().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
}

/// `22:05`
pub fn clock(minute: i32) -> String {
    format!("{:02}:{:02}", minute.rem_euclid(1440) / 60, minute.rem_euclid(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_clocks_come_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(kind));
        }
        for text in ["00:00", "07:30", "23:59"] {
            assert_eq!(minute(text).map(clock).as_deref(), Some(text));
        }
        for bad in ["", "7", "24:00", "12:60", "ab:cd", "12:é"] {
            assert_eq!(minute(bad), None, "{bad}");
        }
    }
}
