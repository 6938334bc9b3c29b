//! What the browser gets to see of the book.

use serde::{Deserialize, Serialize};

/// One page, rendered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    pub title: String,
    /// Our own text as HTML; nothing in it was typed by a user.
    pub html: String,
    /// The pages of the same part, in reading order.
    pub siblings: Vec<Entry>,
}

/// A page in the table of contents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub name: String,
    pub title: String,
    /// For whom, or what about, in a line.
    pub lead: String,
}

/// A part of the book: for people who use it, for people who run it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    pub title: String,
    pub entries: Vec<Entry>,
}
