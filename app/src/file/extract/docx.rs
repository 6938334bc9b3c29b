//! DOCX: a ZIP archive with XML inside. Only the text is read; nothing is unpacked to disk, no name inside is trusted, and
//! no more is unpacked than the limits allow, whatever the archive says about itself.

use super::{Extracted, MOST_TEXT, MOST_UNPACKED, Outcome, nothing_found, too_long};
use quick_xml::events::Event;
use std::io::{Cursor, Read};
use zip::ZipArchive;

const DAMAGED: &str = "The DOCX file is damaged and cannot be read. Open it in your word processor, save it again, and attach it once more.";
const BOMB: &str = "The DOCX file unpacks to far more than a document holds, so it was not opened.";

pub fn read(bytes: &[u8]) -> Outcome {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| DAMAGED)?;
    check(&mut archive, bytes.len() as u64)?;
    let mut text = String::new();
    for part in ["word/document.xml", "word/footnotes.xml", "word/endnotes.xml"] {
        let Some(index) = archive.index_for_name(part) else {
            continue;
        };
        let xml = unpack(&mut archive, index)?;
        if !text.is_empty() {
            text.push('\n');
        }
        words(&xml, &mut text)?;
    }
    let note = if text.trim().is_empty() {
        nothing_found("; it may hold pictures only")
    } else {
        None
    };
    Ok(Extracted { text, note })
}

/// Whether this is a document at all, and one that can be opened without harm to us or to the teacher who downloads it.
fn check(archive: &mut ZipArchive<Cursor<&[u8]>>, packed: u64) -> Result<(), String> {
    if archive.index_for_name("word/document.xml").is_none() || archive.index_for_name("[Content_Types].xml").is_none()
    {
        return Err(
            "The file is a ZIP archive but not a Word document. Attach a PDF, DOCX, TXT or Markdown file.".into(),
        );
    }
    if archive.index_for_name("word/vbaProject.bin").is_some() {
        return Err("The document contains macros. Save it as a plain DOCX without macros and attach it again.".into());
    }
    if archive.len() > 10_000 {
        return Err(BOMB.into());
    }
    let mut declared = 0_u64;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|_| DAMAGED)?;
        if entry.encrypted() {
            return Err("The document is protected by a password. Save it without one and attach it again.".into());
        }
        declared = declared.saturating_add(entry.size());
    }
    let out_of_proportion = declared > 10_000_000 && declared / packed.max(1) > 150;
    if declared > MOST_UNPACKED || out_of_proportion {
        Err(BOMB.into())
    } else {
        Ok(())
    }
}

fn unpack(archive: &mut ZipArchive<Cursor<&[u8]>>, index: usize) -> Result<Vec<u8>, String> {
    let entry = archive.by_index(index).map_err(|_| DAMAGED)?;
    // What the entry says of its size may be a lie; this is the limit that holds.
    let most = (entry.compressed_size().saturating_mul(300)).clamp(10_000_000, MOST_UNPACKED);
    let mut xml = Vec::new();
    entry.take(most + 1).read_to_end(&mut xml).map_err(|_| DAMAGED)?;
    if xml.len() as u64 > most {
        Err(BOMB.into())
    } else {
        Ok(xml)
    }
}

/// Appends the words of a WordprocessingML part, a paragraph a line.
fn words(xml: &[u8], text: &mut String) -> Result<(), String> {
    let mut reader = quick_xml::Reader::from_reader(xml);
    let (mut in_text, mut in_fallback) = (0_u32, 0_u32);
    // Where the text of each open table cell begins.
    let mut cells = Vec::new();
    loop {
        let event = reader.read_event().map_err(|_| DAMAGED)?;
        match &event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                // The same words a second time, for programs that do not know the first form.
                b"Fallback" => in_fallback += 1,
                b"t" => in_text += 1,
                b"tc" => cells.push(text.len()),
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                b"Fallback" => in_fallback = in_fallback.saturating_sub(1),
                b"t" => in_text = in_text.saturating_sub(1),
                b"p" if in_fallback == 0 => text.push('\n'),
                b"tc" => {
                    // Cells of a table row stand beside each other.
                    let begin = cells.pop().unwrap_or(0);
                    text.truncate(text.trim_end_matches('\n').len().max(begin));
                    text.push('\t');
                }
                b"tr" if in_fallback == 0 => text.push('\n'),
                _ => {}
            },
            Event::Empty(tag) if in_fallback == 0 => match tag.local_name().as_ref() {
                b"p" | b"br" | b"cr" => text.push('\n'),
                b"tab" | b"ptab" => text.push('\t'),
                b"noBreakHyphen" => text.push('-'),
                _ => {}
            },
            Event::Text(words) if in_text > 0 && in_fallback == 0 => {
                text.push_str(&words.decode().map_err(|_| DAMAGED)?)
            }
            Event::CData(words) if in_text > 0 && in_fallback == 0 => {
                text.push_str(&words.decode().map_err(|_| DAMAGED)?)
            }
            Event::GeneralRef(reference) if in_text > 0 && in_fallback == 0 => {
                let letter = reference.resolve_char_ref().map_err(|_| DAMAGED)?;
                let named = reference.decode().map_err(|_| DAMAGED)?;
                match letter {
                    Some(letter) => text.push(letter),
                    None => text.push_str(quick_xml::escape::resolve_predefined_entity(&named).ok_or(DAMAGED)?),
                }
            }
            // Word never writes one; it is the door to XML's own bombs.
            Event::DocType(_) => return Err(DAMAGED.into()),
            Event::Eof => return Ok(()),
            _ => {}
        }
        if text.len() > MOST_TEXT * 2 {
            return Err(too_long());
        }
    }
}
