//! Questions the head has never seen: nested folds, several seeds, baselines in the same run.
