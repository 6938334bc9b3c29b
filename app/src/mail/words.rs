//! Every word of every mail, in English. What people typed goes in as it is; `template` escapes it.

use crate::mail::model::Kind;
use crate::time::Moment;

/// What a mail says, with its particulars. Paths are ours and begin with a slash.
#[derive(Clone, Debug)]
pub enum Message {
    ConfirmAddress {
        token: String,
    },
    ResetPassword {
        token: String,
        minutes: i64,
    },
    PasswordChanged {
        at: Moment,
        /// Where it was done from, as far as known.
        address: String,
    },
    SubmissionReceived {
        course: String,
        assignment: String,
        at: Moment,
        late_percent: i32,
        fingerprint: String,
        receipt: String,
    },
    /// Never holds the score: a mail is read on lock screens.
    GradePublished {
        course: String,
        assignment: String,
        result: String,
    },
    Maintenance {
        from: Moment,
        until: Option<Moment>,
        message: String,
    },
    Rollback {
        message: String,
    },
    Test,
}

/// A mail in words, before it has a look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub greeting: String,
    pub lines: Vec<String>,
    pub facts: Vec<(String, String)>,
    /// What to click, and where that leads.
    pub action: Option<(String, String)>,
    pub closing: String,
    /// One sentence for the list in the app.
    pub short: String,
    /// A path of ours, for the list in the app.
    pub path: Option<String>,
}

impl Message {
    pub fn kind(&self) -> Kind {
        match self {
            Self::ConfirmAddress { .. } => Kind::ConfirmAddress,
            Self::ResetPassword { .. } => Kind::ResetPassword,
            Self::PasswordChanged { .. } => Kind::PasswordChanged,
            Self::SubmissionReceived { .. } => Kind::SubmissionReceived,
            Self::GradePublished { .. } => Kind::GradePublished,
            Self::Maintenance { .. } => Kind::Maintenance,
            Self::Rollback { .. } => Kind::Rollback,
            Self::Test => Kind::Test,
        }
    }

    /// In words for somebody of this name.
    pub fn letter(&self, name: &str, institution: &str) -> Letter {
        let mut letter = match self {
            Self::ConfirmAddress { token } => confirm(token),
            Self::ResetPassword { token, minutes } => reset(token, *minutes),
            Self::PasswordChanged { at, address } => changed(*at, address),
            Self::SubmissionReceived {
                course,
                assignment,
                at,
                late_percent,
                fingerprint,
                receipt,
            } => received(course, assignment, *at, *late_percent, fingerprint, receipt),
            Self::GradePublished {
                course,
                assignment,
                result,
            } => Letter {
                subject: format!("Grades published: {assignment}"),
                lines: vec![format!("The grades for {assignment} ({course}) are published.")],
                action: Some(("See your result".into(), result.clone())),
                short: format!("{course}: your result is there."),
                ..Letter::default()
            },
            Self::Maintenance { from, until, message } => maintenance(*from, *until, message),
            Self::Rollback { message } => Letter {
                subject: "We have returned to an earlier version".into(),
                lines: vec![
                    "We have returned to the version of Auto-Grader that ran before the last change.".into(),
                    message.clone(),
                    "Everything you submitted is still there, and so is what you typed. You need to do nothing.".into(),
                ],
                action: Some(("Open Auto-Grader".into(), "/".into())),
                short: "Everything you submitted is still there.".into(),
                ..Letter::default()
            },
            Self::Test => Letter {
                subject: "Test mail".into(),
                lines: vec!["This mail was sent to find out whether sending works. It does.".into()],
                action: Some(("Open Auto-Grader".into(), "/".into())),
                ..Letter::default()
            },
        };
        letter.lines.retain(|line| !line.trim().is_empty());
        letter.greeting = if name.is_empty() {
            "Hello,".into()
        } else {
            format!("Hello {name},")
        };
        letter.closing = institution.to_owned();
        letter.path = letter.action.as_ref().map(|(_, path)| path.clone());
        letter
    }
}

fn confirm(token: &str) -> Letter {
    Letter {
        subject: "Confirm your e-mail address".into(),
        lines: vec![
            "Please confirm that this is your e-mail address.".into(),
            "The link works for two days. If you did not create an account, ignore this mail: nothing will be sent to you again.".into(),
        ],
        action: Some(("Confirm my address".into(), format!("/verify-email?token={token}"))),
        ..Letter::default()
    }
}

fn reset(token: &str, minutes: i64) -> Letter {
    Letter {
        subject: "Reset your password".into(),
        lines: vec![
            "Somebody, probably you, asked for a new password.".into(),
            format!(
                "The link works once, for {minutes} minutes. If it was not you, ignore this mail: your password stays as it is."
            ),
        ],
        action: Some(("Choose a new password".into(), format!("/reset-password?token={token}"))),
        ..Letter::default()
    }
}

fn changed(at: Moment, address: &str) -> Letter {
    let mut facts = vec![("When".into(), format!("{} ({})", at.date_time(), at.zone()))];
    if !address.is_empty() {
        facts.push(("From".into(), address.to_owned()));
    }
    Letter {
        subject: "Your password was changed".into(),
        lines: vec![
            "The password of your account was changed, and you were signed out everywhere else.".into(),
            "If it was not you, ask for a new password at once and tell your administrator.".into(),
        ],
        facts,
        action: Some(("It was not me".into(), "/forgot-password".into())),
        short: "If it was not you, ask for a new password at once.".into(),
        ..Letter::default()
    }
}

fn received(course: &str, assignment: &str, at: Moment, late: i32, fingerprint: &str, receipt: &str) -> Letter {
    let when = format!("{} ({})", at.date_time(), at.zone());
    let mut facts = vec![
        ("Assignment".into(), format!("{assignment} ({course})")),
        ("Submitted".into(), when.clone()),
        ("Fingerprint".into(), fingerprint.to_owned()),
    ];
    if late > 0 {
        facts.insert(2, ("Late".into(), format!("{late} % are deducted")));
    }
    Letter {
        subject: format!("Submitted: {assignment}"),
        lines: vec![
            format!("We have received your answers to {assignment}."),
            "Keep this mail, or the receipt behind the link: anyone can check with it that your answers are the ones you submitted.".into(),
        ],
        facts,
        action: Some(("Open the receipt".into(), receipt.to_owned())),
        short: format!("{course}: received on {when}."),
        ..Letter::default()
    }
}

fn maintenance(from: Moment, until: Option<Moment>, message: &str) -> Letter {
    let mut facts = vec![("From".into(), format!("{} ({})", from.date_time(), from.zone()))];
    if let Some(until) = until {
        facts.push((
            "Until about".into(),
            format!("{} ({})", until.date_time(), until.zone()),
        ));
    }
    Letter {
        subject: format!("Planned maintenance on {}", from.date_time()),
        lines: vec![
            message.to_owned(),
            "During this time you can read everything, and what you type into answers is saved. Submitting and other changes are \
             paused. A deadline that falls into this time moves: you get the lost time back."
                .into(),
        ],
        facts,
        action: Some(("Open Auto-Grader".into(), "/".into())),
        short: "Typing is saved, submitting is paused, and deadlines in this time move.".into(),
        ..Letter::default()
    }
}
