//! Submissions: a student's answers to one assignment, from the first keystroke to the signed receipt.
//!
//! Typing goes to a **durable journal**: a change is acknowledged when it is committed, replays are recognised by the id the
//! browser gave the change, and `answers` holds the latest value of each question. Submitting freezes the answers, queues
//! their grading in the same transaction, and gives a receipt that anyone can verify.

pub mod model;
