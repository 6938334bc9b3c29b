//! Text out of a file, under hard limits: what the grader reads and the student sees beforehand.
//!
//! The content decides, not the name: it must look like what it claims to be. Every refusal is a sentence for the student.
//! Plain text and DOCX are read here; PDF, whose readers can loop, overflow or eat memory, is read in a process of its own
//! (`isolate`).

mod docx;
pub mod isolate;
mod pdf;
mod plain;
#[cfg(test)]
pub mod samples;
#[cfg(test)]
mod tests;

use crate::file::model::{FileKind, size_text};
use serde::{Deserialize, Serialize};

/// The text of a file, and what its reader should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extracted {
    pub text: String,
    pub note: Option<String>,
}

/// The text, or why the file is not taken, in words for its owner.
pub type Outcome = Result<Extracted, String>;

/// The longest text taken, in bytes.
pub const MOST_TEXT: usize = 2_000_000;
/// The largest DOCX when unpacked, in bytes.
pub const MOST_UNPACKED: u64 = 100_000_000;
/// The longest PDF, in pages.
pub const MOST_PAGES: usize = 500;

/// Reads the text of `bytes`. Blocking, and for PDF not safe against hostile files: use `isolate::run`.
pub fn extract(kind: FileKind, bytes: &[u8]) -> Outcome {
    if bytes.is_empty() {
        return Err("The file is empty. Check that you picked the right one.".into());
    }
    if let Some(other) = disguise(kind, bytes) {
        return Err(format!(
            "The name says {}, but the content is {other}. Attach a PDF, DOCX, TXT or Markdown file.",
            kind.label()
        ));
    }
    let found = match kind {
        FileKind::Text | FileKind::Markdown => plain::read(bytes),
        FileKind::Docx => docx::read(bytes),
        FileKind::Pdf => pdf::read(bytes),
    }?;
    let text = tidy(&found.text);
    if text.len() > MOST_TEXT {
        return Err(too_long());
    }
    Ok(Extracted { text, ..found })
}

fn too_long() -> String {
    format!(
        "The file holds more than {} of text. Attach only the part that answers the question.",
        size_text(MOST_TEXT as i64)
    )
}

fn nothing_found(why: &str) -> Option<String> {
    Some(format!(
        "No text was found in this file{why}. It is kept, and a teacher will read it."
    ))
}

/// What the content really is, if it is something else than `kind`.
fn disguise(kind: FileKind, bytes: &[u8]) -> Option<&'static str> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    let is_pdf = bytes[..bytes.len().min(1024)]
        .windows(5)
        .any(|window| window == b"%PDF-");
    let found = match () {
        () if is_pdf && (starts(b"%PDF-") || kind == FileKind::Pdf) => "a PDF",
        () if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") => "a ZIP archive",
        () if starts(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") => "an old Office file or one with a password",
        () if starts(b"{\\rtf") => "an RTF document",
        () if starts(b"\x89PNG")
            || starts(b"\xFF\xD8\xFF")
            || starts(b"GIF8")
            || (starts(b"RIFF") && bytes.get(8..12) == Some(b"WEBP")) =>
        {
            "a picture"
        }
        () if starts(b"\x7FELF") || (starts(b"MZ") && bytes.contains(&0)) => "a program",
        () if starts(b"\x1F\x8B") || starts(b"7z\xBC\xAF") || starts(b"Rar!\x1A") || starts(b"\xFD7zXZ") => {
            "an archive"
        }
        () => "",
    };
    match (kind, found) {
        (FileKind::Pdf, "a PDF") | (FileKind::Docx, "a ZIP archive") | (FileKind::Text | FileKind::Markdown, "") => {
            None
        }
        (FileKind::Pdf | FileKind::Docx, "") => Some("something else"),
        (_, found) => Some(found),
    }
}

/// One kind of line end, no invisible control characters, no blank end.
fn tidy(text: &str) -> String {
    let lines = text
        .replace("\r\n", "\n")
        .replace(['\r', '\u{C}', '\u{B}', '\u{2028}', '\u{2029}'], "\n");
    let kept: String = lines
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .filter(|c| *c != '\u{FEFF}')
        .collect();
    kept.trim_end().trim_start_matches('\n').to_owned()
}
