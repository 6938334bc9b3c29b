//! An attached file as students and teachers see it, and the kinds of file that are taken.

use crate::ids::{AssignmentId, FileId, QuestionId, SubmissionId};
use serde::{Deserialize, Serialize};

/// Where a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// Announced; not yet arrived or not yet checked.
    Pending,
    /// Checked; its text can be graded.
    Ready,
    /// Not taken; `Attachment::problem` says why.
    Rejected,
}

impl FileState {
    /// As stored: `pending`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Rejected => "rejected",
        }
    }

    /// Reads the stored name; anything unknown counts as not arrived.
    pub fn from_name(name: &str) -> FileState {
        [Self::Ready, Self::Rejected]
            .into_iter()
            .find(|state| state.name() == name)
            .unwrap_or(Self::Pending)
    }
}

/// A file attached to an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Attachment {
    pub id: FileId,
    pub submission: SubmissionId,
    pub question: QuestionId,
    pub name: String,
    pub size: i64,
    pub state: FileState,
    /// Why it was not taken.
    pub problem: Option<String>,
    /// What the student should know about a file that was taken.
    pub note: Option<String>,
    /// The beginning of the text the grader will read.
    pub excerpt: String,
    /// Length of the whole text in characters.
    pub characters: i64,
}

impl Attachment {
    /// The longest excerpt, in characters; most answers fit whole.
    pub const EXCERPT: usize = 12_000;

    pub fn is_ready(&self) -> bool {
        self.state == FileState::Ready
    }
}

/// Where and how to send a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Upload {
    pub file: FileId,
    /// PUT the bytes here, with exactly these headers, within a quarter of an hour.
    pub url: String,
    pub headers: Vec<(String, String)>,
}

/// The page for attaching a file without script.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    pub submission: SubmissionId,
    pub question: QuestionId,
    /// The question's number on the answer page.
    pub number: u32,
    pub assignment: AssignmentId,
    pub title: String,
    pub attached: Option<Attachment>,
    /// The last try, if it was not taken.
    pub refused: Option<Attachment>,
    /// The largest file, in bytes.
    pub most: i64,
    pub open: bool,
}

/// The kinds of file that are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Text,
    Markdown,
    Pdf,
    Docx,
}

impl FileKind {
    pub const ALL: [FileKind; 4] = [Self::Text, Self::Markdown, Self::Pdf, Self::Docx];
    /// For the `accept` attribute of a file input.
    pub const ACCEPT: &str = ".pdf,.docx,.txt,.md,.markdown,application/pdf,text/plain,text/markdown,application/vnd.openxmlformats-officedocument.wordprocessingml.document";

    /// By the name's ending, or by the declared type where the name has none.
    pub fn of(name: &str, media_type: &str) -> Option<FileKind> {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        let by_ending = match ending.as_deref() {
            Some("txt" | "text") => Some(Self::Text),
            Some("md" | "markdown") => Some(Self::Markdown),
            Some("pdf") => Some(Self::Pdf),
            Some("docx") => Some(Self::Docx),
            _ => None,
        };
        let declared = media_type.split(';').next().unwrap_or_default().trim();
        by_ending.or_else(|| {
            if ending.is_none() {
                Self::ALL.into_iter().find(|kind| kind.media_type() == declared)
            } else {
                None
            }
        })
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain",
            Self::Markdown => "text/markdown",
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }

    /// For people: `PDF`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "Markdown",
            Self::Pdf => "PDF",
            Self::Docx => "DOCX",
        }
    }

    /// The ending given to files that come without one; also the name on the command line.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Markdown => "md",
            Self::Pdf => "pdf",
            Self::Docx => "docx",
        }
    }
}

/// `950 bytes`, `1.2 MB`.
pub fn size_text(bytes: i64) -> String {
    let tenths = |unit: i64| (bytes.max(0) / (unit / 10)).max(1);
    let figure = |tenths: i64| {
        if tenths % 10 == 0 || tenths >= 100 {
            (tenths / 10).to_string()
        } else {
            format!("{}.{}", tenths / 10, tenths % 10)
        }
    };
    match bytes {
        1 => "1 byte".into(),
        ..1_000 => format!("{} bytes", bytes.max(0)),
        1_000..1_000_000 => format!("{} kB", figure(tenths(1_000))),
        _ => format!("{} MB", figure(tenths(1_000_000))),
    }
}

/// A name fit to be shown and to be saved under: no folders, no invisible or direction-changing characters, not too long.
/// It is never used as a path here.
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFD}')
    };
    let shown: String = last
        .chars()
        .map(|c| {
            if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*') {
                '_'
            } else {
                c
            }
        })
        .filter(|c| !hidden(*c))
        .collect();
    let shown = shown.trim_matches(|c: char| c.is_whitespace() || c == '.');
    let (stem, ending) = match shown.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.chars().count() <= 10 => (stem, format!(".{ending}")),
        _ => (shown, String::new()),
    };
    let stem: String = stem.chars().take(100).collect();
    if stem.is_empty() {
        format!("file{ending}")
    } else {
        format!("{}{ending}", stem.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_folders_and_tricks() {
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("C:\\Users\\ada\\Essay.docx"), "Essay.docx");
        assert_eq!(clean_name("photo\u{202E}fdp.exe"), "photofdp.exe");
        assert_eq!(clean_name("a\0b\nc.txt"), "abc.txt");
        assert_eq!(clean_name("<script>alert(1)</script>.md"), "script_.md");
        assert_eq!(clean_name("..."), "file");
        assert_eq!(clean_name(".pdf"), "pdf");
        assert_eq!(clean_name("Übung 3 – Lösung.pdf"), "Übung 3 – Lösung.pdf");
        let long = clean_name(&format!("{}.pdf", "ü".repeat(400)));
        assert!(long.len() <= 255 && long.ends_with(".pdf"));
    }

    #[test]
    fn kinds_follow_the_ending() {
        assert_eq!(FileKind::of("Essay.PDF", ""), Some(FileKind::Pdf));
        assert_eq!(FileKind::of("notes.md", "text/plain"), Some(FileKind::Markdown));
        assert_eq!(FileKind::of("notes", "text/plain; charset=utf-8"), Some(FileKind::Text));
        assert_eq!(FileKind::of("essay.pdf.exe", "application/pdf"), None);
        assert_eq!(FileKind::of("old.doc", "application/msword"), None);
    }

    #[test]
    fn sizes_read_well() {
        let texts = [0, 1, 999, 1_000, 1_250, 52_428_800, 1_500_000].map(size_text);
        assert_eq!(
            texts,
            ["0 bytes", "1 byte", "999 bytes", "1 kB", "1.2 kB", "52 MB", "1.5 MB"]
        );
    }
}
