//! AdamW.

pub struct Adam {
    mean: Vec<f32>,
    square: Vec<f32>,
    step: i32,
}

impl Adam {
    pub fn new(count: usize) -> Self {
        Self {
            mean: vec![0.0; count],
            square: vec![0.0; count],
            step: 0,
        }
    }

    /// Moves `values` against the gradient. Only the first `decayed` values shrink.
    pub fn step(&mut self, values: &mut [f32], gradient: &[f32], rate: f32, decay: f32, decayed: usize) {
        self.step += 1;
        let (a, b) = (1.0 - 0.9f32.powi(self.step), 1.0 - 0.999f32.powi(self.step));
        let moments = self.mean.iter_mut().zip(&mut self.square);
        for (at, ((value, gradient), (mean, square))) in values.iter_mut().zip(gradient).zip(moments).enumerate() {
            *mean = 0.9 * *mean + 0.1 * gradient;
            *square = 0.999 * *square + 0.001 * gradient * gradient;
            let shrink = if at < decayed { decay * *value } else { 0.0 };
            *value -= rate * (*mean / a / ((*square / b).sqrt() + 1e-8) + shrink);
        }
    }
}
