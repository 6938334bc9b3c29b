use super::samples::{archive, docx, docx_with, paragraph, pdf};
use super::*;
use proptest::prelude::*;

#[track_caller]
fn text(kind: FileKind, bytes: &[u8]) -> Extracted {
    extract(kind, bytes).expect("the file is taken")
}

/// The file is refused, in words that say this.
#[track_caller]
fn refused(kind: FileKind, bytes: &[u8], says: &str) {
    let words = extract(kind, bytes).expect_err("the file is refused");
    assert!(words.contains(says), "{words}");
    assert!(words.chars().count() <= 300 && words.ends_with('.'), "{words}");
}

#[test]
fn plain_text_comes_as_it_is() {
    assert_eq!(
        text(FileKind::Text, "Grüße\r\nan alle\r\n\r\n".as_bytes()).text,
        "Grüße\nan alle"
    );
    assert_eq!(text(FileKind::Markdown, b"# Title\n\n* one\n").text, "# Title\n\n* one");
    assert_eq!(text(FileKind::Text, b"\xEF\xBB\xBFmarked").text, "marked");
    assert_eq!(text(FileKind::Text, b"bell\x07 and\x0Cpage").text, "bell and\npage");
}

#[test]
fn other_encodings_are_understood() {
    let wide: Vec<u8> = "\u{FEFF}Zelle 1".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(text(FileKind::Text, &wide).text, "Zelle 1");
    let wide: Vec<u8> = "\u{FEFF}Zelle 2".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(text(FileKind::Text, &wide).text, "Zelle 2");
    let windows = text(FileKind::Text, b"Gr\xFC\xDFe \x80 5 \x96 \x84so\x93");
    assert_eq!(windows.text, "Grüße € 5 – „so“");
    assert!(windows.note.is_some_and(|note| note.contains("not in UTF-8")));
}

#[test]
fn bad_text_is_refused() {
    refused(FileKind::Text, b"", "empty");
    refused(FileKind::Text, b" \n\t \n", "nothing but blanks");
    refused(FileKind::Text, b"one\0two", "null characters");
    refused(FileKind::Text, b"\x01\x02\xFF\xFE\x81", "not readable as text");
    refused(FileKind::Text, b"\xFF\xFEa", "damaged");
    refused(FileKind::Markdown, &vec![b'a'; MOST_TEXT + 1], "more than 2 MB of text");
}

#[test]
fn a_disguise_is_seen_through() {
    refused(FileKind::Text, &pdf(&["hidden"], ""), "content is a PDF");
    refused(FileKind::Pdf, b"just words", "content is something else");
    refused(FileKind::Docx, b"just words", "content is something else");
    refused(FileKind::Docx, &pdf(&["hidden"], ""), "content is a PDF");
    refused(FileKind::Pdf, &docx(&paragraph("hidden")), "content is a ZIP archive");
    refused(
        FileKind::Docx,
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 old",
        "old Office file",
    );
    refused(FileKind::Text, b"{\\rtf1 words}", "RTF");
    refused(FileKind::Pdf, b"\x89PNG\r\n\x1A\n", "a picture");
    refused(FileKind::Text, b"\x7FELF\x02\x01\x01", "a program");
    refused(FileKind::Markdown, b"\x1F\x8B\x08", "an archive");
}

#[test]
fn a_word_document_is_read() {
    let body = [
        paragraph("First &amp; second &#8211; &lt;b&gt;"),
        "<w:p><w:r><w:t>One</w:t><w:tab/><w:t>two</w:t><w:br/><w:t xml:space=\"preserve\"> three</w:t></w:r></w:p>".into(),
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:tr><w:tr><w:tc><w:p/></w:tc><w:tc><w:p><w:t>c</w:t></w:p></w:tc></w:tr></w:tbl>".into(),
        "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>".into(),
        "<mc:AlternateContent><mc:Choice><w:t>box</w:t></mc:Choice><mc:Fallback><w:t>box</w:t></mc:Fallback></mc:AlternateContent>".into(),
    ];
    let notes = br#"<w:footnotes xmlns:w="w"><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnotes>"#;
    let found = text(
        FileKind::Docx,
        &docx_with(&body.concat(), &[("word/footnotes.xml", notes)]),
    );
    assert_eq!(
        found.text,
        "First & second – <b>\nOne\ttwo\n three\na\tb\t\n\tc\t\n\nbox\nA note."
    );
    assert_eq!(found.note, None);
}

#[test]
fn a_word_document_of_pictures_is_kept() {
    let found = text(FileKind::Docx, &docx("<w:p><w:r><w:drawing/></w:r></w:p>"));
    assert_eq!(found.text, "");
    assert!(found.note.is_some_and(|note| note.contains("a teacher will read it")));
}

#[test]
fn bad_word_documents_are_refused() {
    let good = docx(&paragraph("good"));
    refused(FileKind::Docx, &good[..good.len() / 2], "damaged");
    refused(FileKind::Docx, b"PK\x03\x04 and nothing more", "damaged");
    refused(
        FileKind::Docx,
        &archive(&[("notes.txt", b"hello")]),
        "not a Word document",
    );
    refused(FileKind::Docx, &docx("<w:p><w:t>never closed"), "damaged");
    refused(FileKind::Docx, &docx(&paragraph("&unknown;")), "damaged");
    refused(
        FileKind::Docx,
        &docx_with(&paragraph("x"), &[("word/vbaProject.bin", b"macro")]),
        "macros",
    );
    let mut flipped = good.clone();
    // A byte of the packed text.
    let place = good
        .windows(17)
        .position(|window| window == b"word/document.xml")
        .expect("the entry")
        + 40;
    flipped[place] ^= 0xFF;
    refused(FileKind::Docx, &flipped, "damaged");
    let entities = br#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><w:document xmlns:w="w"><w:t>&a;</w:t></w:document>"#;
    refused(
        FileKind::Docx,
        &archive(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", entities)]),
        "damaged",
    );
}

#[test]
fn zip_bombs_are_not_opened() {
    let zeros = vec![0_u8; 40_000_000];
    refused(
        FileKind::Docx,
        &docx_with(&paragraph("x"), &[("word/media/image1.bmp", &zeros)]),
        "unpacks to far more",
    );
    let noise: Vec<u8> = (0..400_000_u32)
        .flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    // Noise beside it keeps the proportion innocent; the sum does not.
    let many = [
        ("word/media/n.bin", noise.as_slice()),
        ("word/media/a.bmp", &zeros),
        ("word/media/b.bmp", &zeros),
        ("word/media/c.bmp", &zeros),
    ];
    refused(
        FileKind::Docx,
        &docx_with(&paragraph("x"), &many),
        "unpacks to far more",
    );
    refused(FileKind::Docx, &docx(&" ".repeat(30_000_000)), "unpacks to far more");
}

#[test]
fn an_archive_that_lies_about_its_size_is_stopped() {
    let body = paragraph(&"long ".repeat(4_000_000));
    let mut bytes = docx(&body);
    // The sizes in the central directory are made small; what comes out is not.
    let entry = bytes
        .windows(4)
        .rposition(|window| window == b"PK\x01\x02")
        .expect("the directory");
    bytes[entry + 24..entry + 28].copy_from_slice(&1_000_u32.to_le_bytes());
    assert!(extract(FileKind::Docx, &bytes).is_err());
}

#[test]
fn too_much_text_in_a_document_is_refused() {
    let words: String = (0..500_000_u64).map(|i| format!("{} ", i * 7919 % 1_000_003)).collect();
    refused(FileKind::Docx, &docx(&paragraph(&words)), "more than 2 MB of text");
}

#[test]
fn a_pdf_is_read() {
    let found = text(
        FileKind::Pdf,
        &pdf(&["Osmosis moves water.", "It needs a membrane."], ""),
    );
    assert!(
        found.text.contains("Osmosis moves water.") && found.text.contains("It needs a membrane."),
        "{found:?}"
    );
    assert_eq!(found.note, None);
}

#[test]
fn a_scanned_pdf_is_kept() {
    let found = text(FileKind::Pdf, &pdf(&["", ""], ""));
    assert_eq!(found.text, "");
    assert!(
        found
            .note
            .is_some_and(|note| note.contains("scan") && note.contains("a teacher will read it"))
    );
}

#[test]
fn bad_pdfs_are_refused() {
    let good = pdf(&["good"], "");
    refused(FileKind::Pdf, b"%PDF-1.7\n", "damaged");
    refused(FileKind::Pdf, &good[..good.len() / 3], "damaged");
    refused(
        FileKind::Pdf,
        b"%PDF-1.4\ntrailer\n<< /Root 1 0 R >>\nstartxref\n99999999\n%%EOF",
        "damaged",
    );
    let locked = "/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O (01234567890123456789012345678901) /U (01234567890123456789012345678901) >> /ID [<00><00>]";
    refused(FileKind::Pdf, &pdf(&["secret"], locked), "protected by a password");
    let pages = vec!["page"; MOST_PAGES + 1];
    refused(FileKind::Pdf, &pdf(&pages, ""), "501 pages");
}

#[tokio::test]
async fn a_reader_that_panics_is_an_outcome() {
    let mut broken = pdf(&["good"], "");
    let place = broken
        .windows(9)
        .position(|window| window == b"/MediaBox")
        .expect("the page");
    broken[place..place + 9].copy_from_slice(b"/MediaBax");
    let outcome = isolate::run(FileKind::Pdf, broken.into()).await.expect("an outcome");
    assert!(outcome.is_err_and(|words| words.contains("damaged")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_file_or_archive_makes_it_panic(kind in 0..3_usize, bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let kind = [FileKind::Text, FileKind::Markdown, FileKind::Docx][kind];
        if let Ok(found) = extract(kind, &bytes) {
            prop_assert!(!found.text.contains('\0'));
        }
    }

    #[test]
    fn a_damaged_document_is_an_outcome(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = docx(&paragraph("some words to be damaged"));
        let place = place.index(bytes.len());
        bytes[place] = byte;
        let _ = extract(FileKind::Docx, &bytes);
    }
}
