//! Which texts go through the encoder together. Pure planning: no threads, no tensors.
//!
//! Texts are packed one after the other without padding, so a batch costs what its tokens cost.
//! Texts of similar length go together (attention buffers are sized once), and a batch stays small
//! enough for its intermediate values to fit the processor's caches.

/// How large a batch may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub texts: usize,
    pub tokens: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { texts: 16, tokens: 512 }
    }
}

/// Groups the indices of `lengths` (tokens per text) into batches, longest texts first.
/// Every index occurs exactly once; a text longer than the budget travels alone.
pub fn plan(lengths: &[usize], budget: Budget) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&index| (std::cmp::Reverse(lengths[index]), index));
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut tokens = 0;
    for index in order {
        let length = lengths[index];
        let fits = tokens + length <= budget.tokens;
        match batches.last_mut() {
            Some(batch) if fits && batch.len() < budget.texts => {
                batch.push(index);
                tokens += length;
            }
            _ => {
                batches.push(vec![index]);
                tokens = length;
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_texts_travel_alone_and_short_ones_together() {
        let batches = plan(&[10, 600, 10, 500, 10], Budget { texts: 2, tokens: 512 });
        assert_eq!(batches, [vec![1], vec![3, 0], vec![2, 4]]);
        assert!(plan(&[], Budget::default()).is_empty());
    }

    proptest! {
        #[test]
        fn every_text_once_and_within_budget(
            lengths in prop::collection::vec(1usize..700, 0..200),
            texts in 1usize..40,
            tokens in 1usize..2000,
        ) {
            let batches = plan(&lengths, Budget { texts, tokens });
            let mut seen: Vec<usize> = batches.iter().flatten().copied().collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
            for batch in &batches {
                prop_assert!(!batch.is_empty() && batch.len() <= texts);
                let sum: usize = batch.iter().map(|&index| lengths[index]).sum();
                prop_assert!(sum <= tokens || batch.len() == 1);
            }
        }

        #[test]
        fn no_two_neighbouring_batches_could_be_one(
            lengths in prop::collection::vec(1usize..100, 0..100),
        ) {
            let budget = Budget { texts: 8, tokens: 256 };
            let batches = plan(&lengths, budget);
            for pair in batches.windows(2) {
                let first: usize = pair[0].iter().map(|&index| lengths[index]).sum();
                let next = lengths[pair[1][0]];
                prop_assert!(pair[0].len() == budget.texts || first + next > budget.tokens);
            }
        }
    }
}
