//! What students do, in the order they do it: read the overview, start, answer, submit, keep the receipt.

mod answer;
mod read;
mod receipt;
mod submit;

pub use answer::{save, save_form, start};
pub use read::{assignment_view, mine, open, overview, own_sheet, terms};
pub use receipt::{receipt, verify};
pub use submit::submit;
