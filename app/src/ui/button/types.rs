//! The choices a button has.

/// How loudly a button asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Variant {
    /// The one thing this screen is for.
    Primary,
    #[default]
    Secondary,
    /// No frame until pointed at.
    Quiet,
    /// Destroys something; the words say how much.
    Danger,
}

impl Variant {
    pub fn class(self) -> &'static str {
        match self {
            Variant::Primary => "button button-primary",
            Variant::Secondary => "button button-secondary",
            Variant::Quiet => "button button-quiet",
            Variant::Danger => "button button-danger",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    Small,
    #[default]
    Normal,
    Large,
}

/// What pressing does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ButtonKind {
    Button,
    Submit,
    Reset,
}

impl ButtonKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ButtonKind::Button => "button",
            ButtonKind::Submit => "submit",
            ButtonKind::Reset => "reset",
        }
    }
}
