//! PDF. The reader below is good with ordinary files and unsafe with hostile ones; it runs in a process of its own.

use super::{Extracted, MOST_PAGES, MOST_TEXT, Outcome, nothing_found, too_long};
use pdf_extract::{Document, PlainTextOutput, output_doc_page};

const DAMAGED: &str = "The PDF file is damaged and cannot be read. Export it again and attach the new file.";
const PASSWORD: &str = "The PDF file is protected by a password. Save it without one and attach it again.";

pub fn read(bytes: &[u8]) -> Outcome {
    let locked = || bytes.windows(8).any(|window| window == b"/Encrypt");
    let unreadable = || if locked() { PASSWORD } else { DAMAGED };
    let mut document = Document::load_mem(bytes).map_err(|_| unreadable())?;
    // Many files are encrypted with an empty password, only to forbid printing.
    if document.is_encrypted() && document.decrypt("").is_err() {
        return Err(PASSWORD.into());
    }
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    match pages.len() {
        0 => return Err(unreadable().into()),
        many if many > MOST_PAGES => {
            return Err(format!(
                "The PDF file has {many} pages; at most {MOST_PAGES} are taken."
            ));
        }
        _ => {}
    }
    let mut text = String::new();
    let mut unread = 0;
    for &page in &pages {
        let mut words = String::new();
        match output_doc_page(&document, &mut PlainTextOutput::new(&mut words), page) {
            Ok(()) => {
                text.push_str(words.trim());
                text.push_str("\n\n");
            }
            Err(_) => unread += 1,
        }
        if text.len() > MOST_TEXT * 2 {
            return Err(too_long());
        }
    }
    let note = match unread {
        _ if unread == pages.len() => return Err(unreadable().into()),
        _ if text.trim().is_empty() => nothing_found("; it looks like a scan or a picture"),
        0 => None,
        1 => Some("One page could not be read as text. It is kept, and a teacher can read it in the file.".into()),
        many => Some(format!(
            "{many} of {} pages could not be read as text. They are kept, and a teacher can read them in the file.",
            pages.len()
        )),
    };
    Ok(Extracted { text, note })
}
