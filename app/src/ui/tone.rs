//! What a colour means. A tone is never the only sign: an icon and a word go with it.

use super::Glyph;

/// The meaning of a badge, bar, notice or mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    #[default]
    Neutral,
    Accent,
    /// Said by the machine: always a suggestion.
    Machine,
    /// Decided by a person.
    Human,
    /// Somebody has to look.
    Review,
    Right,
    Wrong,
    Late,
}

impl Tone {
    /// The class that sets `--tone`, `--tone-tint`, `--tone-border` and `--tone-fill` for what is inside.
    pub fn class(self) -> &'static str {
        match self {
            Tone::Neutral => "tone-neutral",
            Tone::Accent => "tone-accent",
            Tone::Machine => "tone-machine",
            Tone::Human => "tone-human",
            Tone::Review => "tone-review",
            Tone::Right => "tone-right",
            Tone::Wrong => "tone-wrong",
            Tone::Late => "tone-late",
        }
    }

    /// The icon that goes with the colour when a caller names none.
    pub fn glyph(self) -> Glyph {
        match self {
            Tone::Neutral => Glyph::Dot,
            Tone::Accent => Glyph::Info,
            Tone::Machine => Glyph::Spark,
            Tone::Human => Glyph::PersonCheck,
            Tone::Review => Glyph::Eye,
            Tone::Right => Glyph::Check,
            Tone::Wrong => Glyph::Cross,
            Tone::Late => Glyph::Clock,
        }
    }
}
