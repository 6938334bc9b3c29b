//! The numbers a lesson says about an answer: their names, their order, and which may only raise the score.

/// Names of the numbers, in order; the meta head refers to them by these names.
pub const NAMES: [&str; COUNT] = [
    "graded",
    "graded_mean",
    "graded_spread",
    "graded_full",
    "graded_none",
    "step",
    "has_prior",
    "prior_error",
    "prior_correlation",
    "moved_error",
    "moved_correlation",
    "plain_error",
    "nearest_error",
    "graded_likeness",
    "prior",
    "prior_doubt",
    "prior_shifted",
    "moved",
    "moved_doubt",
    "plain",
    "plain_doubt",
    "neighbours_sharp",
    "neighbours_wide",
    "neighbours_spread",
    "nearest_score",
    "nearest_likeness",
    "nearest_cosine",
    "nearest_three",
    "like_full",
    "like_none",
    "like_full_or_none",
    "trigrams_full_or_none",
    "centres",
    "words_say",
    "new_words",
    "length",
    "length_of_full",
    "negation_of_nearest",
    "right_cosine",
    "right_words",
    "right_both_words",
    "wrong_both_words",
    "words_of_right",
    "cosine",
    "recall",
    "new_recall",
    "weakest_recall",
    "covered",
    "word_recall",
    "new_word_recall",
    "precision",
    "length_ratio",
    "negation_differs",
    "question_repeated",
    "answer_words",
    "tuned_error",
    "tuned_correlation",
    "tuned_moved",
    "tuned_doubt",
    "tuned_neighbours",
    "tuned_nearest_score",
    "tuned_nearest_likeness",
    "tuned_full_or_none",
    "tuned_right_cosine",
    "tuned_cosine",
    "tuned_question",
    "tuned_without_question",
];

pub const COUNT: usize = 67;
/// So many, the last ones, are of the embeddings with the head's adapter.
pub(super) const TUNED: usize = 12;

/// +1: the score may only rise with this number; 0: free.
pub const DIRECTION: [i8; COUNT] = direction();

const fn direction() -> [i8; COUNT] {
    let mut direction = [0; COUNT];
    let rising = [
        14, 16, 17, 19, 21, 22, 24, 27, 30, 31, 32, 33, 38, 39, 40, 42, 57, 59, 60, 62, 63,
    ];
    let mut at = 0;
    while at < rising.len() {
        direction[rising[at]] = 1;
        at += 1;
    }
    direction
}

/// The features of the comparison with a reference that are passed on; they keep their names.
pub(super) const PASSED: &[&str] = NAMES.split_at(43).1.split_at(11).0;
