//! What can be done with grades. Workers: `claim`, `record_many`, `fail`, `release`, and the same for lessons. People: watch, review, turn
//! the dial, grade groups, look at the radar, publish, read.

mod dial;
mod gradebook;
mod groups;
mod holding;
mod learning;
mod live;
mod publishing;
mod radar;
mod reading;
mod replay;
mod result;
mod review;
mod sample;
mod texts;
mod work;

pub use dial::{dial, dial_page, set_dial, undo_dial};
pub use gradebook::{gradebook, gradebook_csv};
pub use groups::{GroupVerdict, assignment_of, decide_group, groups, groups_page, merge, split, undo_group_act};
pub use holding::{hold, pause, start};
pub use learning::{
    EXAMPLES, ExampleRef, Learned, Lesson, Outcome, Pupil, claim_lesson, postpone_lesson, record_lesson,
    release_lessons,
};
pub use live::{cockpit, progress, snapshot};
pub use publishing::{publish, publishing, unpublish};
pub use radar::{radar, radar_page};
pub use replay::{Gone, Replay, ShadowCase, replays, shadow_cases};
pub use result::result;
pub use review::{accept, blind_item, clear, decide, decide_blind, desk, items_now, queue, review_item};
pub use texts::AnswerText;
pub use work::{Job, Lease, Recorded, Taught, claim, fail, record, record_many, release};
