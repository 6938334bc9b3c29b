//! The stream inside a backup: frames of a kind, a length and a payload, the same for every database.
//!
//! `magic · Head · Keys · (Table · Rows* · End)* · Files* · Done`. Compression and encryption are around it (`seal`). A stream
//! without `Done` was cut off.

use super::cell::Cell;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::io::{Read, Write};

const MAGIC: &[u8; 8] = b"AGBACK1\n";
/// Larger payloads are taken for damage.
const LARGEST: u32 = 1 << 30;

/// What the backup is of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    pub id: String,
    pub version: String,
    pub source: String,
    pub migrations: Vec<String>,
}

/// What the installation needs besides its data: never outside of the encrypted stream.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Keys {
    /// Seed of the key that signs receipts, as hex.
    pub receipt_signing_key: Option<String>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(hidden)")
    }
}

/// A table's name and its columns in the order of the cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    pub columns: Vec<String>,
}

/// How many rows went before, and their sum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    pub rows: u64,
    pub sum: String,
}

/// A file of the object store as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileEntry {
    pub key: String,
    pub size: i64,
    pub sha256: String,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    Head(Head),
    Keys(Keys),
    Table(Table),
    /// Rows of the last table.
    Rows(Vec<Vec<Cell>>),
    End(End),
    Files(Vec<FileEntry>),
    Done,
}

/// Why a stream cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    #[error("this is not a backup of Auto-Grader, or one of a newer format")]
    Foreign,
    #[error("the backup is cut off or damaged: {0}")]
    Damaged(String),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Writes frames. `Done` must be the last.
pub struct Writer<W> {
    inner: W,
}

impl<W: Write> Writer<W> {
    pub fn new(mut inner: W) -> std::io::Result<Self> {
        inner.write_all(MAGIC)?;
        Ok(Self { inner })
    }

    pub fn write(&mut self, frame: &Frame) -> std::io::Result<()> {
        let (kind, payload) = match frame {
            Frame::Head(head) => (b'H', json(head)?),
            Frame::Keys(keys) => (b'K', json(keys)?),
            Frame::Table(table) => (b'T', json(table)?),
            Frame::Rows(rows) => (b'R', packed(rows)),
            Frame::End(end) => (b'E', json(end)?),
            Frame::Files(files) => (b'F', json(files)?),
            Frame::Done => (b'Z', Vec::new()),
        };
        self.inner.write_all(&[kind])?;
        self.inner.write_all(&(payload.len() as u32).to_le_bytes())?;
        self.inner.write_all(&payload)
    }

    pub fn into_inner(self) -> W {
        self.inner
    }
}

fn json(value: &impl Serialize) -> std::io::Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(std::io::Error::other)
}

fn packed(rows: &[Vec<Cell>]) -> Vec<u8> {
    let mut out = Vec::new();
    for row in rows {
        out.extend((row.len() as u32).to_le_bytes());
        for cell in row {
            cell.write(&mut out);
        }
    }
    out
}

fn unpacked(mut bytes: &[u8]) -> Result<Vec<Vec<Cell>>, FormatError> {
    let damaged = |error: super::cell::Damage| FormatError::Damaged(error.to_string());
    let mut rows = Vec::new();
    while !bytes.is_empty() {
        let Some((length, rest)) = bytes.split_first_chunk::<4>() else {
            return Err(FormatError::Damaged("it ends in the middle of a row".into()));
        };
        bytes = rest;
        let width = u32::from_le_bytes(*length) as usize;
        let mut row = Vec::with_capacity(width.min(1000));
        for _ in 0..width {
            row.push(Cell::read(&mut bytes).map_err(damaged)?);
        }
        rows.push(row);
    }
    Ok(rows)
}

/// Reads frames, up to and with `Done`.
pub struct Reader<R> {
    inner: R,
}

impl<R: Read> Reader<R> {
    pub fn new(mut inner: R) -> Result<Self, FormatError> {
        let mut magic = [0; 8];
        inner.read_exact(&mut magic).map_err(cut_off)?;
        if &magic == MAGIC {
            Ok(Self { inner })
        } else {
            Err(FormatError::Foreign)
        }
    }

    pub fn read(&mut self) -> Result<Frame, FormatError> {
        let mut head = [0; 5];
        self.inner.read_exact(&mut head).map_err(cut_off)?;
        let [kind, a, b, c, d] = head;
        let length = u32::from_le_bytes([a, b, c, d]);
        if length > LARGEST {
            return Err(FormatError::Damaged("a part of it claims an impossible length".into()));
        }
        let mut payload = Vec::new();
        let read = (&mut self.inner)
            .take(u64::from(length))
            .read_to_end(&mut payload)
            .map_err(cut_off)?;
        if read < length as usize {
            return Err(FormatError::Damaged("it ends in the middle of a part".into()));
        }
        Ok(match kind {
            b'H' => Frame::Head(parsed(&payload)?),
            b'K' => Frame::Keys(parsed(&payload)?),
            b'T' => Frame::Table(parsed(&payload)?),
            b'R' => Frame::Rows(unpacked(&payload)?),
            b'E' => Frame::End(parsed(&payload)?),
            b'F' => Frame::Files(parsed(&payload)?),
            b'Z' => {
                // The encryption's last block is checked only by whoever reads to the very end.
                let mut rest = [0; 1];
                if self.inner.read(&mut rest).map_err(cut_off)? != 0 {
                    return Err(FormatError::Damaged("something follows its end".into()));
                }
                Frame::Done
            }
            _ => return Err(FormatError::Damaged("a part of it is of an unknown kind".into())),
        })
    }
}

fn parsed<T: DeserializeOwned>(payload: &[u8]) -> Result<T, FormatError> {
    serde_json::from_slice(payload).map_err(|error| FormatError::Damaged(error.to_string()))
}

fn cut_off(error: std::io::Error) -> FormatError {
    FormatError::Damaged(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cell() -> impl Strategy<Value = Cell> {
        prop_oneof![
            Just(Cell::Null),
            any::<i64>().prop_map(Cell::Int),
            any::<f64>()
                .prop_filter("comparable", |v| !v.is_nan())
                .prop_map(Cell::Real),
            any::<String>().prop_map(Cell::Text),
            any::<Vec<u8>>().prop_map(Cell::Bytes),
        ]
    }

    fn stream(rows: &[Vec<Cell>]) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new()).expect("memory");
        let table = Table {
            name: "t".into(),
            columns: vec!["a".into()],
        };
        for frame in [Frame::Table(table), Frame::Rows(rows.to_vec()), Frame::Done] {
            writer.write(&frame).expect("memory");
        }
        writer.into_inner()
    }

    proptest! {
        #[test]
        fn rows_come_back_as_they_were(rows in prop::collection::vec(prop::collection::vec(cell(), 0..6), 0..20)) {
            let bytes = stream(&rows);
            let mut reader = Reader::new(&bytes[..]).expect("ours");
            prop_assert!(matches!(reader.read().expect("a table"), Frame::Table(_)));
            prop_assert_eq!(reader.read().expect("rows"), Frame::Rows(rows));
            prop_assert_eq!(reader.read().expect("the end"), Frame::Done);
        }

        #[test]
        fn a_stream_cut_anywhere_is_refused_and_never_panics(rows in prop::collection::vec(prop::collection::vec(cell(), 1..4), 1..5), cut in 0.0..1.0_f64) {
            let bytes = stream(&rows);
            let cut = ((bytes.len() - 1) as f64 * cut) as usize;
            let read = || -> Result<(), FormatError> {
                let mut reader = Reader::new(&bytes[..cut])?;
                while reader.read()? != Frame::Done {}
                Ok(())
            };
            prop_assert!(read().is_err());
        }
    }
}
