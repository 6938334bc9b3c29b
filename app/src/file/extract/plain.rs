//! Plain text and Markdown: UTF-8, UTF-16 with its mark, or the old Windows encoding, with a note.

use super::{Extracted, Outcome};

pub fn read(bytes: &[u8]) -> Outcome {
    let (text, note) = decode(bytes)?;
    if text.trim().is_empty() {
        return Err("The file holds nothing but blanks. Check that you picked the right one.".into());
    }
    Ok(Extracted { text, note })
}

fn decode(bytes: &[u8]) -> Result<(String, Option<String>), String> {
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        return utf16(rest, u16::from_be_bytes);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.contains(&0) {
        return Err(
            "The file contains null characters, so it is not a text file. Save it as text (UTF-8) and attach it again."
                .into(),
        );
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok((text.to_owned(), None)),
        Err(_) => windows_1252(bytes).map(|text| {
            let note = "The file is not in UTF-8; it was read as Windows text. Check below that all letters are right.";
            (text, Some(note.to_owned()))
        }),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<(String, Option<String>), String> {
    let broken =
        || "The file begins as UTF-16 text but is damaged. Save it as text (UTF-8) and attach it again.".to_owned();
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    match String::from_utf16(&units) {
        Ok(text) if rest.is_empty() && !text.contains('\0') => Ok((text, None)),
        _ => Err(broken()),
    }
}

/// The letters at 0x80 to 0x9F; blank where there is none.
const HIGH: &str = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

fn windows_1252(bytes: &[u8]) -> Result<String, String> {
    let high: Vec<char> = HIGH.chars().collect();
    let letter = |byte: u8| match byte {
        b'\t' | b'\n' | b'\r' | 0x0C | 0x20..=0x7E | 0xA0..=0xFF => Some(char::from(byte)),
        0x80..=0x9F => high.get(usize::from(byte - 0x80)).copied().filter(|c| *c != ' '),
        _ => None,
    };
    let text: Option<String> = bytes.iter().map(|byte| letter(*byte)).collect();
    text.ok_or_else(|| "The file is not readable as text: its characters are in no encoding known here. Save it as UTF-8 and attach it again.".into())
}
