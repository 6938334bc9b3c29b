//! One value of a table, the same whatever database it comes from, and sums over rows that do not depend on their order.

use sha2::{Digest, Sha256};

/// A value. Ids and other binary values are `Bytes`, truth values and times are `Int`.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

/// Why bytes are no row.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    #[error("it ends in the middle of a value")]
    Short,
    #[error("it holds a value of a kind that this version does not know")]
    Unknown,
    #[error("it holds text that is not UTF-8")]
    NotText,
}

impl Cell {
    /// Appends the value: a byte for its kind, then its bytes, long ones after their length.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Cell::Null => out.push(0),
            Cell::Int(value) => {
                out.push(1);
                out.extend(value.to_le_bytes());
            }
            Cell::Real(value) => {
                out.push(2);
                out.extend(value.to_bits().to_le_bytes());
            }
            Cell::Text(text) => long(out, 3, text.as_bytes()),
            Cell::Bytes(bytes) => long(out, 4, bytes),
        }
    }

    /// Takes the first value off `from`.
    pub fn read(from: &mut &[u8]) -> Result<Cell, Damage> {
        let kind = take(from, 1)?[0];
        Ok(match kind {
            0 => Cell::Null,
            1 => Cell::Int(i64::from_le_bytes(eight(from)?)),
            2 => Cell::Real(f64::from_bits(u64::from_le_bytes(eight(from)?))),
            3 => Cell::Text(String::from_utf8(sized(from)?.to_vec()).map_err(|_| Damage::NotText)?),
            4 => Cell::Bytes(sized(from)?.to_vec()),
            _ => return Err(Damage::Unknown),
        })
    }

    /// About how much memory it takes.
    pub fn size(&self) -> usize {
        match self {
            Cell::Text(text) => text.len() + 8,
            Cell::Bytes(bytes) => bytes.len() + 8,
            _ => 9,
        }
    }
}

fn long(out: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    out.push(kind);
    // Databases hold no value of more than 4 GB.
    out.extend((bytes.len() as u32).to_le_bytes());
    out.extend(bytes);
}

fn take<'a>(from: &mut &'a [u8], count: usize) -> Result<&'a [u8], Damage> {
    let (head, tail) = from.split_at_checked(count).ok_or(Damage::Short)?;
    *from = tail;
    Ok(head)
}

fn eight(from: &mut &[u8]) -> Result<[u8; 8], Damage> {
    take(from, 8)?.try_into().map_err(|_| Damage::Short)
}

fn sized<'a>(from: &mut &'a [u8]) -> Result<&'a [u8], Damage> {
    let length: [u8; 4] = take(from, 4)?.try_into().map_err(|_| Damage::Short)?;
    take(from, u32::from_le_bytes(length) as usize)
}

/// A checksum over a set of rows: the sum of the rows' SHA-256. Equal sets have equal sums in any order; unlike with XOR, a row
/// that is there twice counts twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub rows: u64,
    lanes: [u64; 4],
}

impl Sum {
    pub fn add(&mut self, row: &[Cell]) {
        let mut bytes = Vec::new();
        for cell in row {
            cell.write(&mut bytes);
        }
        let digest = Sha256::digest(&bytes);
        for (lane, part) in self.lanes.iter_mut().zip(digest.chunks_exact(8)) {
            let mut eight = [0; 8];
            eight.copy_from_slice(part);
            *lane = lane.wrapping_add(u64::from_le_bytes(eight));
        }
        self.rows += 1;
    }

    pub fn hex(&self) -> String {
        self.lanes.iter().map(|lane| format!("{lane:016x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_rows_does_not_matter_but_their_number_does() {
        let (a, b) = ([Cell::Int(1)], [Cell::Text("1".into())]);
        let (mut one, mut two, mut three) = (Sum::default(), Sum::default(), Sum::default());
        one.add(&a);
        one.add(&b);
        two.add(&b);
        two.add(&a);
        assert_eq!(one, two);
        three.add(&a);
        three.add(&a);
        assert_ne!(one.hex(), three.hex());
        three.add(&b);
        three.add(&b);
        assert_ne!(three.hex(), Sum::default().hex(), "pairs do not cancel out");
    }
}
