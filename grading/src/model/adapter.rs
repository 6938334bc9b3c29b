//! What the last layers of the encoder learnt from graded answers (a low-rank adapter): for each of their matrices a
//! product of two thin ones that is added to it. Weights are kept as 16-bit fractions of a power of two, so what is
//! measured is exactly what is shipped.

use serde::{Deserialize, Serialize};

use crate::GradingError;

/// A fitted adapter: the layers from `first_layer` on run a second time with these added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adapter {
    pub first_layer: usize,
    pub rank: usize,
    /// For each adapted layer: queries, keys and values side by side; attention's output; up; down.
    pub layers: Vec<[Thin; 4]>,
}

/// Added to a matrix of `[outputs, inputs]`: `up · down`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thin {
    /// `[rank, inputs]`
    #[serde(with = "fractions")]
    pub down: Vec<f32>,
    /// `[outputs, rank]`
    #[serde(with = "fractions")]
    pub up: Vec<f32>,
}

impl Thin {
    /// Adds the product to a matrix of so many inputs, row after row.
    pub fn add_to(&self, matrix: &mut [f32], inputs: usize, rank: usize) -> Result<(), GradingError> {
        let outputs = matrix.len() / inputs.max(1);
        let fits = |values: &[f32], size: usize| rank.checked_mul(size) == Some(values.len());
        if rank == 0 || inputs == 0 || !fits(&self.down, inputs) || !fits(&self.up, outputs) {
            return Err(GradingError::ModelBroken(
                "the adapter of the grading head was made for an encoder of another shape".into(),
            ));
        }
        for (row, up) in matrix.chunks_exact_mut(inputs).zip(self.up.chunks_exact(rank)) {
            for (up, down) in up.iter().zip(self.down.chunks_exact(inputs)) {
                row.iter_mut().zip(down).for_each(|(value, down)| *value += up * down);
            }
        }
        Ok(())
    }
}

impl Adapter {
    /// Rounds the weights to what the file can hold.
    pub fn round(&mut self) {
        for thin in self.layers.iter_mut().flatten() {
            fractions::round(&mut thin.down);
            fractions::round(&mut thin.up);
        }
    }
}

/// Numbers as whole steps of a power of two, sixteen bits each, little-endian, as hexadecimal.
mod fractions {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct File {
        exponent: i32,
        steps: String,
    }

    /// The smallest power of two above all values.
    fn exponent(values: &[f32]) -> i32 {
        let most = values.iter().fold(1e-9f32, |most, value| most.max(value.abs()));
        (-40..=40).find(|power| 2f32.powi(*power) > most).unwrap_or(40)
    }

    fn unit(exponent: i32) -> f32 {
        2f32.powi(exponent - 15)
    }

    fn step(value: f32, unit: f32) -> i16 {
        (value / unit).round().clamp(-32767.0, 32767.0) as i16
    }

    pub fn round(values: &mut [f32]) {
        let unit = unit(exponent(values));
        values
            .iter_mut()
            .for_each(|value| *value = f32::from(step(*value, unit)) * unit);
    }

    pub fn serialize<S: Serializer>(values: &[f32], to: S) -> Result<S::Ok, S::Error> {
        let exponent = exponent(values);
        let unit = unit(exponent);
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| step(*value, unit).to_le_bytes())
            .collect();
        File {
            exponent,
            steps: hex::encode(bytes),
        }
        .serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f32>, D::Error> {
        let file = File::deserialize(from)?;
        let bytes = hex::decode(&file.steps).map_err(|_| D::Error::custom("an adapter is not hexadecimal"))?;
        if !(-40..=40).contains(&file.exponent) || !bytes.len().is_multiple_of(2) {
            return Err(D::Error::custom("an adapter holds numbers that it cannot hold"));
        }
        let unit = unit(file.exponent);
        let value = |pair: &[u8]| f32::from(i16::from_le_bytes([pair[0], pair[1]])) * unit;
        Ok(bytes.chunks_exact(2).map(value).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapter() -> Adapter {
        let thin = |seed: f32| Thin {
            down: (0..2 * 3).map(|at| (seed + at as f32).sin()).collect(),
            up: (0..4 * 2).map(|at| 0.01 * (seed * at as f32).cos()).collect(),
        };
        let mut adapter = Adapter {
            first_layer: 4,
            rank: 2,
            layers: vec![[1.0, 2.0, 3.0, 4.0].map(thin)],
        };
        adapter.round();
        adapter
    }

    #[test]
    fn comes_back_from_its_file() {
        let adapter = adapter();
        let file = serde_json::to_string(&adapter).expect("json");
        assert_eq!(serde_json::from_str::<Adapter>(&file).expect("its own file"), adapter);
        for (from, to) in [
            ("\"steps\":\"", "\"steps\":\"zz"),
            ("\"steps\":\"", "\"steps\":\"00"),
            ("\"exponent\":", "\"exponent\":9"),
            ("\"exponent\":", "\"exponent\":-2147483648,\"was\":"),
        ] {
            let broken = file.replacen(from, to, 1);
            assert!(serde_json::from_str::<Adapter>(&broken).is_err(), "{to}");
        }
    }

    #[test]
    fn adds_a_product_and_refuses_other_shapes() {
        let Adapter { layers, rank, .. } = adapter();
        let thin = &layers[0][0];
        let mut matrix = vec![1.0; 12];
        thin.add_to(&mut matrix, 3, rank).expect("4 × 3");
        let wanted = 1.0 + thin.up[2 * 3] * thin.down[1] + thin.up[2 * 3 + 1] * thin.down[3 + 1];
        assert!((matrix[3 * 3 + 1] - wanted).abs() < 1e-6);
        assert!(thin.add_to(&mut [0.0; 9], 3, rank).is_err());
        assert!(thin.add_to(&mut [0.0; 12], 4, rank).is_err());
        assert!(thin.add_to(&mut [0.0; 12], 3, usize::MAX).is_err());
    }
}
