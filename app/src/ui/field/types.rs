//! What fields take.

/// One thing to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub hint: Option<String>,
    pub disabled: bool,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            ..Self::default()
        }
    }

    /// A line below the label.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Shown, but not to be had now.
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = disabled;
        self
    }
}

/// What kind of text a field takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InputKind {
    #[default]
    Text,
    Email,
    Password,
    Number,
    Search,
    Url,
    Tel,
    Date,
    /// Date and time of day, without a zone; name the zone in the hint.
    DateTime,
    /// A short code, typed or pasted: monospaced, no spelling help.
    Code,
}

impl InputKind {
    pub fn as_str(self) -> &'static str {
        match self {
            InputKind::Text | InputKind::Code => "text",
            InputKind::Email => "email",
            InputKind::Password => "password",
            InputKind::Number => "number",
            InputKind::Search => "search",
            InputKind::Url => "url",
            InputKind::Tel => "tel",
            InputKind::Date => "date",
            InputKind::DateTime => "datetime-local",
        }
    }

    /// Spelling help makes sense for prose alone.
    pub fn spellcheck(self) -> Option<&'static str> {
        (!matches!(self, InputKind::Text | InputKind::Search)).then_some("false")
    }
}

/// One thing wrong in a form: which field (its name) and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

impl FieldError {
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}
