//! The real encoder on a burn backend.

use burn::tensor::Tensor;
use serde::Serialize;

use super::{Encoded, Encoder, Kernels, Pooling};
use crate::model::BertEncoder;
use crate::{Device, GradingError};

/// Runs a BERT encoder on one device.
pub struct BurnEncoder<B: Kernels> {
    model: BertEncoder<B>,
    pooling: Pooling,
}

impl<B: Kernels> BurnEncoder<B> {
    /// Pools by the mean.
    pub fn new(model: BertEncoder<B>) -> Self {
        Self::pooling_by(Pooling::Mean, model)
    }

    pub fn pooling_by(pooling: Pooling, model: BertEncoder<B>) -> Self {
        Self { model, pooling }
    }
}

impl<B: Kernels> Encoder for BurnEncoder<B>
where
    BertEncoder<B>: Send,
{
    fn encode(&mut self, texts: &[&[u32]]) -> Result<Vec<Encoded>, GradingError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let hidden = self.model.hidden();
        let found = self.model.forward(texts)?;
        let states = numbers(found.last)?;
        let tuned = found.tuned.map(numbers).transpose()?;
        let mut start = 0;
        Ok(texts
            .iter()
            .map(|ids| {
                let own = start..start + ids.len() * hidden;
                start = own.end;
                let mut encoded = Encoded::pooled_by(self.pooling, states[own.clone()].to_vec(), hidden);
                if let Some(tuned) = &tuned {
                    encoded.tuned = self.pooling.pool(&tuned[own], hidden);
                }
                encoded
            })
            .collect())
    }

    fn hidden(&self) -> usize {
        self.model.hidden()
    }
}

fn numbers<B: Kernels>(states: Tensor<B, 2>) -> Result<Vec<f32>, GradingError> {
    let states: Vec<f32> = states
        .into_data()
        .convert::<f32>()
        .into_vec()
        .map_err(|error| GradingError::Device(format!("no values came back: {error:?}")))?;
    match states.iter().all(|value| value.is_finite()) {
        true => Ok(states),
        false => Err(GradingError::Device(
            "the device computed values that are not numbers".into(),
        )),
    }
}

/// A device and whether this build can use it.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceInfo {
    pub device: Device,
    pub built_in: bool,
    pub note: &'static str,
}

/// All devices the grader knows, whether or not this build has them.
pub fn devices() -> Vec<DeviceInfo> {
    vec![
        DeviceInfo {
            device: Device::Cpu,
            built_in: true,
            note: "always available",
        },
        DeviceInfo {
            device: Device::Wgpu,
            built_in: cfg!(feature = "wgpu"),
            note: "build with --features grading/wgpu",
        },
        DeviceInfo {
            device: Device::Cuda,
            built_in: cfg!(feature = "cuda"),
            note: "build with --features grading/cuda",
        },
    ]
}
