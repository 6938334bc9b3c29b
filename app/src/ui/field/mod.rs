//! Everything one can be asked: text, choices, ticks. A label above, a hint below it, the error beside the field and again in the summary.
//!
//! A field's id is `f-<name>` unless given, so that the summary can lead to it. What a reader typed before the script
//! arrived is kept and reported through `on_input`. A field never clears itself.

mod choice;
mod follow;
mod select;
mod shell;
mod summary;
mod text;
mod types;

pub use choice::{Checkbox, CheckboxGroup, RadioGroup};
pub use select::Select;
pub use shell::{FieldShell, Fieldset, FormActions};
pub use summary::ErrorSummary;
pub use text::{TextArea, TextField};
pub use types::{Choice, FieldError, InputKind};

/// The id of the field called `name`.
pub(super) fn field_id(id: Option<String>, name: &str) -> String {
    id.unwrap_or_else(|| ["f-", name].concat())
}
