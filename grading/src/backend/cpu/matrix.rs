//! Weight matrices in the order in which the products read them, and activations on their way in.

#[cfg(target_arch = "x86_64")]
use super::panels;
use super::tile::{Block, Bytes, Pairs, Terms, put_bytes, put_rows, transpose, transpose_bytes};
use super::unit::Running;

/// The weights of a linear map, packed once when the model is loaded.
#[derive(Debug)]
pub struct Packed {
    pub inputs: usize,
    pub outputs: usize,
    steps: usize,
    cells: Cells,
}

enum Cells {
    Pairs(Terms, Vec<Pairs>),
    /// With what one step of a byte is worth in each column.
    Bytes(Vec<Bytes>, Vec<f32>),
    /// For 16 outputs after another, their weights side by side.
    Singles(Vec<[f32; 16]>),
}

impl std::fmt::Debug for Cells {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Pairs(..) => "pairs",
            Self::Bytes(..) => "bytes",
            Self::Singles(..) => "singles",
        })
    }
}

impl Packed {
    /// From `[outputs, inputs]`, as bfloat16 pairs.
    pub fn pairs(values: &[f32], inputs: usize, terms: Terms) -> Self {
        let outputs = values.len() / inputs;
        let steps = inputs.div_ceil(Pairs::DEPTH);
        let blocks = 2 * outputs.div_ceil(Block::SIDE);
        let panel = steps * terms.tiles();
        let mut tiles = vec![Pairs::ZERO; blocks * panel];
        for (output, row) in values.chunks_exact(inputs).enumerate() {
            let panel = &mut tiles[output / 16 * panel..][..panel];
            put_rows(row, 1.0, output % 16, panel, terms);
        }
        tiles.iter_mut().for_each(transpose);
        Self {
            inputs,
            outputs,
            steps,
            cells: Cells::Pairs(terms, tiles),
        }
    }

    /// From `[outputs, inputs]`, as they are; only where `Unit::has_singles`.
    pub fn singles(values: &[f32], inputs: usize) -> Self {
        let outputs = values.len() / inputs;
        let mut panels = vec![[0.0; 16]; outputs.div_ceil(16) * inputs];
        for (output, row) in values.chunks_exact(inputs).enumerate() {
            let panel = &mut panels[output / 16 * inputs..][..inputs];
            for (columns, value) in panel.iter_mut().zip(row) {
                columns[output % 16] = *value;
            }
        }
        Self {
            inputs,
            outputs,
            steps: inputs,
            cells: Cells::Singles(panels),
        }
    }

    /// From `[outputs, inputs]`, each output rounded to bytes of its own scale.
    pub fn bytes(values: &[f32], inputs: usize) -> Self {
        let outputs = values.len() / inputs;
        let steps = inputs.div_ceil(Bytes::DEPTH);
        let blocks = 2 * outputs.div_ceil(Block::SIDE);
        let mut tiles = vec![Bytes::ZERO; blocks * steps];
        let mut scales = vec![0.0; blocks * 16];
        for (output, row) in values.chunks_exact(inputs).enumerate() {
            scales[output] = put_bytes(row, output % 16, &mut tiles[output / 16 * steps..][..steps]);
        }
        tiles.iter_mut().for_each(transpose_bytes);
        Self {
            inputs,
            outputs,
            steps,
            cells: Cells::Bytes(tiles, scales),
        }
    }
}

const NOT_PACKED: &str = "single-precision rows are multiplied as they are";

/// Memory for rows of activations, packed as the weights they will meet.
#[derive(Default)]
pub struct Left {
    rows: usize,
    pairs: Vec<Pairs>,
    bytes: Vec<Bytes>,
    scales: Vec<f32>,
    #[cfg(target_arch = "x86_64")]
    panels: panels::Scratch,
}

impl Left {
    /// Takes `rows` of `[rows, inputs]`.
    #[inline(always)]
    fn fill(&mut self, values: &[f32], weights: &Packed) {
        let rows = values.len() / weights.inputs;
        self.reserve(rows, weights);
        let rows = values.chunks_exact(weights.inputs).enumerate();
        match &weights.cells {
            Cells::Pairs(terms, _) => {
                let panel = weights.steps * terms.tiles();
                for (row, values) in rows {
                    put_rows(
                        values,
                        1.0,
                        row % 16,
                        &mut self.pairs[row / 16 * panel..][..panel],
                        *terms,
                    );
                }
            }
            Cells::Bytes(..) => {
                for (row, values) in rows {
                    let panel = &mut self.bytes[row / 16 * weights.steps..][..weights.steps];
                    self.scales[row] = put_bytes(values, row % 16, panel);
                }
            }
            Cells::Singles(_) => unreachable!("{NOT_PACKED}"),
        }
    }

    /// Room for rows that will be written one block at a time.
    fn reserve(&mut self, rows: usize, weights: &Packed) {
        self.rows = rows;
        let panels = rows.div_ceil(16);
        match &weights.cells {
            Cells::Pairs(terms, _) => grow(&mut self.pairs, panels * weights.steps * terms.tiles(), Pairs::ZERO),
            Cells::Bytes(..) => {
                grow(&mut self.bytes, panels * weights.steps, Bytes::ZERO);
                grow(&mut self.scales, panels * 16, 0.0);
            }
            Cells::Singles(_) => unreachable!("{NOT_PACKED}"),
        }
    }
}

/// Longer if need be; what is there may stay, since rows do not mix.
fn grow<T: Clone>(values: &mut Vec<T>, length: usize, empty: T) {
    if values.len() < length {
        values.resize(length, empty);
    }
}

/// What becomes of a product's rows, some columns at a time.
pub trait Put {
    /// `values` are row `row`, columns from `column` on; the last ones may lie beyond the matrix.
    fn put<const N: usize>(&mut self, row: usize, column: usize, values: &[f32; N]);
}

/// `values · weights`, handed to `put` in pieces.
#[inline(always)]
pub fn multiply(running: &Running, values: &[f32], weights: &Packed, left: &mut Left, put: &mut impl Put) {
    #[cfg(target_arch = "x86_64")]
    if let Running::Avx2(avx2) = running {
        match &weights.cells {
            Cells::Singles(panels) => return panels::multiply(*avx2, values, weights.inputs, panels, put),
            Cells::Bytes(tiles, scales) => {
                let tiles = &tiles[..weights.outputs.div_ceil(16) * weights.steps];
                let right = (tiles, scales.as_slice(), weights.steps);
                return panels::multiply_bytes(*avx2, values, weights.inputs, right, &mut left.panels, put);
            }
            Cells::Pairs(..) => {}
        }
    }
    left.fill(values, weights);
    blocks(running, left, weights, put);
}

/// The same block by block.
#[inline(always)]
fn blocks(running: &Running, left: &Left, weights: &Packed, put: &mut impl Put) {
    let mut block = Block::new();
    let panels = left.rows.div_ceil(16);
    for column in (0..weights.outputs).step_by(Block::SIDE) {
        for first in (0..panels).step_by(2) {
            let count = (panels - first).min(2);
            let rows = first * 16..left.rows.min((first + 2) * 16);
            match &weights.cells {
                Cells::Pairs(terms, tiles) => {
                    let panel = weights.steps * terms.tiles();
                    let a = &left.pairs[first * panel..][..count * panel];
                    let b = &tiles[column / 16 * panel..][..2 * panel];
                    running.pairs(*terms, a, count, b, weights.steps, &mut block);
                    for (row, bits) in rows.zip(block.0.chunks_exact(32)) {
                        let mut values = [0.0f32; 32];
                        for at in 0..32 {
                            values[at] = f32::from_bits(bits[at]);
                        }
                        put.put(row, column, &values);
                    }
                }
                Cells::Bytes(tiles, scales) => {
                    let a = &left.bytes[first * weights.steps..][..count * weights.steps];
                    let b = &tiles[column / 16 * weights.steps..][..2 * weights.steps];
                    running.bytes(a, count, b, weights.steps, &mut block);
                    let scales = &scales[column..][..32];
                    for (row, bits) in rows.zip(block.0.chunks_exact(32)) {
                        let own = left.scales[row];
                        let mut values = [0.0f32; 32];
                        for ((to, bits), scale) in values.iter_mut().zip(bits).zip(scales) {
                            *to = *bits as i32 as f32 * (own * scale);
                        }
                        put.put(row, column, &values);
                    }
                }
                Cells::Singles(_) => unreachable!("{NOT_PACKED}"),
            }
        }
    }
}
