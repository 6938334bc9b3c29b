//! What went wrong, in words a reader can use: the situation, what was kept, and the next step.
//!
//! One type for pages, server functions and the REST API. The cause of an internal error goes to the log with the
//! incident id; the reader gets the id and never the cause.

use leptos::prelude::FromServerFnError;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::ServerFnErrorErr;
use serde::{Deserialize, Serialize};

/// The kinds of trouble; each is one HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrorKind {
    /// Something in the input is not right: 422.
    Invalid,
    /// Nobody is signed in: 401.
    SignIn,
    /// Signed in, but not allowed: 403.
    Forbidden,
    /// Theirs, but others decide when they see it: 403.
    Withheld,
    /// There is no such thing, or it is not yours to see: 404.
    NotFound,
    /// Somebody else was faster, or the state no longer fits: 409.
    Conflict,
    /// Too large: 413.
    TooLarge,
    /// Too many tries: 429.
    TooMany,
    /// A part of the system cannot answer now: 503.
    Unavailable,
    /// Our fault: 500.
    Internal,
}

impl ErrorKind {
    pub fn status(self) -> u16 {
        match self {
            Self::Invalid => 422,
            Self::SignIn => 401,
            Self::Forbidden | Self::Withheld => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::TooMany => 429,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Invalid => "Please check what you entered",
            Self::SignIn => "Please sign in",
            Self::Forbidden => "You are not allowed to do this",
            Self::Withheld => "Not visible now",
            Self::NotFound => "Not found",
            Self::Conflict => "This has changed in the meantime",
            Self::TooLarge => "Too large",
            Self::TooMany => "Too many tries",
            Self::Unavailable => "Not available right now",
            Self::Internal => "Something went wrong on our side",
        }
    }
}

/// One field of a form and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

/// An error for people. `Display` is the message alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct AppError {
    pub kind: ErrorKind,
    pub message: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
}

pub type AppResult<T> = Result<T, AppError>;

impl AppError {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            fields: Vec::new(),
            incident: None,
        }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    /// Wrong input in one field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            fields: vec![FieldError {
                field: field.into(),
                message: message.clone(),
            }],
            ..Self::invalid(message)
        }
    }

    /// Wrong input in several fields; `Ok` when there are none.
    pub fn from_fields(fields: Vec<FieldError>) -> AppResult<()> {
        let message = match fields.as_slice() {
            [] => return Ok(()),
            [one] => one.message.clone(),
            many => format!("{} fields need your attention.", many.len()),
        };
        Err(Self {
            fields,
            ..Self::invalid(message)
        })
    }

    pub fn sign_in() -> Self {
        Self::new(ErrorKind::SignIn, "Please sign in to continue.")
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Forbidden, message)
    }

    /// `what` with its article: `The course`.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            ErrorKind::NotFound,
            format!("{what} does not exist or has been removed."),
        )
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unavailable, message)
    }

    /// The message for one field, if there is one.
    pub fn for_field(&self, field: &str) -> Option<String> {
        self.fields.iter().find(|f| f.field == field).map(|f| f.message.clone())
    }

    /// Our own fault. The cause is logged here, once, and not kept.
    #[cfg(feature = "ssr")]
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        let incident = crate::platform::incident::current();
        tracing::error!(incident, cause = %cause, "internal error");
        Self {
            incident: Some(incident),
            ..Self::new(
                ErrorKind::Internal,
                "Nothing you entered was changed. Try again in a moment; if it happens again, tell your administrator the incident number.",
            )
        }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let error = match error {
            ServerFnErrorErr::Deserialization(cause) | ServerFnErrorErr::Request(cause)
                if cause.contains("length limit") =>
            {
                Self::new(
                    ErrorKind::TooLarge,
                    "What was sent is too large. Nothing was changed; send less at once.",
                )
            }
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::invalid("The form was incomplete or damaged. Reload the page and try again.")
            }
            ServerFnErrorErr::Request(_) => Self::unavailable(
                "The server cannot be reached. What you typed is still here; check your connection and try again.",
            ),
            _ => Self::new(
                ErrorKind::Internal,
                "The server could not answer. Nothing was changed; try again in a moment.",
            ),
        };
        // Arguments that cannot be read never reach `platform::run`, which sets the status of other errors.
        #[cfg(feature = "ssr")]
        crate::platform::http::set_status(&error);
        error
    }
}
